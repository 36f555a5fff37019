"""The CMW collection of doc/protocol.md 5.4 (RFC 9999, in CBOR)."""
import re

import cbor
from errors import Bad

MAX_BYTES, MAX_ENTRIES, MAX_DEPTH = 262_144, 32, 4
# what each message defines: label -> media types that the entry may have
AQ, AR, SQ, SR = ("aths-request", "aths-response",
                  "sealed-request", "sealed-response")
DEFINED = {
    AQ: {},
    AR: {"evidence": None,      # any
         "chain": ("application/pem-certificate-chain",
                   "application/vnd.httpa.spki")},
    SQ: {"tpm-credential": ("application/vnd.httpa.tpm-credential",)},
    SR: {"tpm-activated": ("application/vnd.httpa.tpm-activated",)},
}


def media_type(text):
    """5.4: compared without regard to case and parameters."""
    return text.split(";")[0].strip(" \t").lower()


def check_record(cmw):
    """A record: [type, value] or [type, value, indicator]."""
    if not isinstance(cmw, list) or len(cmw) not in (2, 3):
        raise Bad("CMW record of another form")
    if isinstance(cmw[0], bool) or not isinstance(cmw[0], (str, int)):
        raise Bad("CMW record without type")
    if isinstance(cmw[0], str) and not re.fullmatch(
            r"[!#$&^_.+0-9A-Za-z-]+/[!#$&^_.+0-9A-Za-z-]+([ \t]*;.*)?",
            cmw[0]):
        raise Bad("CMW record: media type")
    if isinstance(cmw[0], int) and not 0 <= cmw[0] <= 65535:
        raise Bad("CMW record: content format")
    if not isinstance(cmw[1], bytes):
        raise Bad("CMW record: value")
    if len(cmw) == 3 and (type(cmw[2]) is not int or cmw[2] < 0):
        raise Bad("CMW record: indicator")


def check_cmw(cmw, depth):
    if isinstance(cmw, dict):
        check_collection(cmw, depth)
    elif isinstance(cmw, cbor.Tag):
        if not isinstance(cmw.value, bytes):
            raise Bad("CMW tag without byte string")
    else:
        check_record(cmw)


def check_collection(collection, depth):
    if depth > MAX_DEPTH:
        raise Bad("collections too deep")
    entries = {k: v for k, v in collection.items() if k != "__cmwc_t"}
    if not 1 <= len(entries) <= len(collection) <= MAX_ENTRIES:
        raise Bad("number of entries of a collection")
    for cmw in entries.values():
        check_cmw(cmw, depth + 1)


def check_defined(label, cmw, types):
    """A defined entry: a record with a media type of the table."""
    if not isinstance(cmw, list) or not isinstance(cmw[0], str):
        raise Bad(f"{label} is no record with a media type")
    if len(cmw[0].encode()) > 255:
        raise Bad(f"media type of {label} too long")
    if types is not None and media_type(cmw[0]) not in types:
        raise Bad(f"{label} of another media type")


def check_endorsements(collection):
    """5.4 `endorsements`: a collection of records, counted from zero."""
    if (not isinstance(collection, dict)
            or list(collection) != list(range(len(collection)))
            or not 1 <= len(collection) <= 24):
        raise Bad("form of endorsements")
    for record in collection.values():
        check_defined("endorsements", record, None)
        if len(record[1]) > 131_072:
            raise Bad("an endorsement is too long")


def parse(data, message):
    """The collection: label -> CMW, all of them well-formed."""
    if len(data) > MAX_BYTES:
        raise Bad("collection too large")
    collection = cbor.decode(data)
    if not isinstance(collection, dict):
        raise Bad("no collection")
    check_collection(collection, 1)
    for label, types in DEFINED[message].items():
        if label not in collection:
            continue
        if label == "evidence" and isinstance(collection[label], dict):
            for record in collection[label].values():
                check_defined(label, record, types)
        else:
            check_defined(label, collection[label], types)
    if message == AR and "endorsements" in collection:
        check_endorsements(collection["endorsements"])
    return collection


def evidence_items(collection, count):
    """5.4 `evidence`: the records in the order of Attest-Quotes."""
    if "evidence" not in collection:
        raise Bad("no evidence")
    evidence = collection["evidence"]
    if count == 1:
        if not isinstance(evidence, list):
            raise Bad("one quote, but several items of evidence")
        return [evidence]
    if not isinstance(evidence, dict) or list(evidence) != list(range(count)):
        raise Bad("evidence does not fit Attest-Quotes")
    return [evidence[i] for i in range(count)]
