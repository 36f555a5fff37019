/*
 * Every limit of the protocol that a peer can press on, in one place
 * (doc/protocol.md 17).  Limits of a public format (base64, CBOR, RFC 9292)
 * stand with its codec; HTTPA_FIELDS_MAX in <httpa/message.h>.
 */
#ifndef HTTPA_WIRE_LIMITS_H
#define HTTPA_WIRE_LIMITS_H

/* Clear heads: what every default proxy lets through. */
#define HTTPA_LIMIT_REQUEST_HEAD 7168u  /* nghttpx: 8 kB with its own lines */
#define HTTPA_LIMIT_RESPONSE_HEAD 3584u /* nginx buffers 4 kB with its own */
#define HTTPA_LIMIT_AHL_FIELDS 20u      /* names; the protocol has 8 at most */
#define HTTPA_LIMIT_AHL_NAME 64u        /* our longest has 23 bytes */
#define HTTPA_LIMIT_AHL_CLEAR 4096u     /* names and values of one clear head */
#define HTTPA_LIMIT_AHL_SEALED 8192u    /* the same of one sealed head: two
                                           RSA signatures and 16 quotes fit */

/* Values of single fields, in bytes as received; all others: VALUE. */
#define HTTPA_LIMIT_VALUE 256u         /* tokens, dates, 32 bytes in base64 */
#define HTTPA_LIMIT_VALUE_SEALED 2048u /* no proxy looks at sealed fields */
#define HTTPA_LIMIT_KEY_SHARES 4096u   /* ML-KEM, P-256, P-384 and X25519 */
#define HTTPA_LIMIT_KEY_SHARE 2048u    /* ML-KEM-768 in base64: 1,624 */
#define HTTPA_LIMIT_BLOCKLIST 2048u    /* 40 digests */
#define HTTPA_LIMIT_POLICIES 512u      /* 16 tokens with parameters */
#define HTTPA_LIMIT_QUOTES 4096u       /* sealed: 16 items with their key */
#define HTTPA_LIMIT_SIGNATURES 4096u   /* sealed: 8 labels; RSA-4096: 684 */

/* Members of lists. */
#define HTTPA_LIMIT_OFFERS 8u     /* versions, suites, groups, shares */
#define HTTPA_LIMIT_DEMANDS 16u   /* policies */
#define HTTPA_LIMIT_ITEMS 16u     /* quotes */
#define HTTPA_LIMIT_LABELS 8u     /* signatures */
#define HTTPA_LIMIT_BLOCKED 64u   /* blocklist */
#define HTTPA_LIMIT_QUOTE_KEY 128u /* SPKI of P-384 has 120 bytes */
#define HTTPA_LIMIT_COPIES 16u    /* clear copies */
#define HTTPA_LIMIT_SUPERSEDED 64u /* numbers given up in one request */

/* Names of things. */
#define HTTPA_LIMIT_BASE_ID 39u /* label 16, ".", 22 of base64url */
#define HTTPA_LIMIT_LABEL 16u   /* a replica's name, for balancers */
#define HTTPA_LIMIT_TARGET 254u /* VALUE less the quotes of a String */

/* Content of AtHS, both ways: evidence and certificates of any TEE. */
#define HTTPA_LIMIT_ATHS_CONTENT 262144u
#define HTTPA_LIMIT_CMW_ENTRIES 32u  /* labels; this version defines seven */
#define HTTPA_LIMIT_MEDIA_TYPE 255u  /* no registered one is near it */
#define HTTPA_LIMIT_EVIDENCE 131072u /* one item; an event log fits */
#define HTTPA_LIMIT_ENDORSEMENT 131072u /* one; Intel's TCB info has 20 KB */
#define HTTPA_LIMIT_CHAIN 16384u     /* PEM of six certificates */
#define HTTPA_LIMIT_SPKI 1024u       /* RSA-4096: 550 */

/* Records (doc/protocol.md 8). */
#define HTTPA_RECORD_HEADER 4u
#define HTTPA_RECORD_TAG 16u
#define HTTPA_RECORD_DATA 16384u           /* what our writers put into one */
#define HTTPA_LIMIT_RECORD_DATA 65536u     /* data and padding */
#define HTTPA_LIMIT_RECORD_MIN 17u         /* a type byte and a tag */
#define HTTPA_LIMIT_RECORD 65553u          /* data, padding, type, tag */
#define HTTPA_LIMIT_RECORD_INDEX 0xfffffffeu /* the next one is the ticket's */
#define HTTPA_LIMIT_EMPTY_RECORDS 1000u    /* in a row without data: 4 h of
                                              fillers, or work for nothing */

/* Inner heads (doc/protocol.md 10). */
#define HTTPA_LIMIT_METHOD 32u    /* the longest registered one has 16 */
#define HTTPA_LIMIT_PATH 16384u   /* twice what servers take by default */
#define HTTPA_LIMIT_COOKIES 16384u /* all cookie lines, joined */
#define HTTPA_LIMIT_TRAILERS 64u  /* lines */
#define HTTPA_LIMIT_LENGTH 9007199254740992u /* content-length: 2^53, exact
                                                in every language */

/* Numbers and bases (doc/protocol.md 9.4, 9.5, 12, 17). */
#define HTTPA_LIMIT_NUMBER 281474976710655u /* 2^48-1, under RFC 9651's */
#define HTTPA_LIMIT_WINDOW 1024u            /* numbers that may be late */
#define HTTPA_LIMIT_UNANSWERED 512u  /* half a window: none falls out of it */
#define HTTPA_LIMIT_FAILURES (1ull << 36) /* wrong tickets; 2^-92 of success */
#define HTTPA_LIMIT_REKEY_ROOM (1ull << 30) /* units kept for one response */
#define HTTPA_LIMIT_AGE_S 2147483647        /* max-age and idle */
#define HTTPA_LIMIT_IDLE_MIN_S 120          /* shorter ones surprise clients */
#define HTTPA_LIMIT_TRIES 3u /* activations of one base: a TPM's time */
#define HTTPA_TIME_UNCONFIRMED_S 30 /* a stranger's AtHS costs no longer */
#define HTTPA_TIME_GRACE_S 10   /* the server's clock against the client's */

#endif
