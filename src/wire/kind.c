#include "wire/kind.h"

#include "base/ascii.h"
#include "wire/fields.h"

enum { ATTEST = 1, POST = 2, OPTIONS = 4, GET = 8, OTHER = 16, EACH = 31 };

/* Facts about a head. */
enum {
    ID = 1 << 0,
    TICKET = 1 << 1,
    CARGO = 1 << 2,
    VERSIONS = 1 << 3,
    FIELD = 1 << 4, /* any Attest-* field at all */
    ASKS = 1 << 5,  /* a preflight asks for something of ours */
    HOME = 1 << 6   /* the path is /.well-known/httpa */
};

/* clang-format off */
/* doc/protocol.md 3.1; the first row that fits decides. */
static const struct {
    unsigned methods;
    unsigned with;    /* every one of these */
    unsigned without; /* none of these */
    enum httpa_kind kind;
} rows[] = {
/* +---------------+---------------------+---------+-----------------------+
 * | method        | with                | without | is                    |
 * +---------------+---------------------+---------+-----------------------+ */
   { OPTIONS       , ASKS                , ID      , HTTPA_KIND_PREFLIGHT  },
   { GET | OPTIONS , HOME                , FIELD   , HTTPA_KIND_DISCOVERY  },
   { ATTEST | POST , VERSIONS            , ID      , HTTPA_KIND_ATHS       },
   { ATTEST | POST , ID | TICKET         , CARGO   , HTTPA_KIND_SEALED     },
   { EACH          , ID | TICKET | CARGO , 0       , HTTPA_KIND_CLEAR_FORM },
   { EACH          , FIELD               , 0       , HTTPA_KIND_MALFORMED  },
   { EACH          , 0                   , 0       , HTTPA_KIND_UNTRUSTED  },
};
/* clang-format on */

static unsigned method_of(struct httpa_slice method)
{
    static const struct {
        const char *name;
        unsigned is;
    } known[] = {
        { "ATTEST", ATTEST }, { "POST", POST }, { "OPTIONS", OPTIONS },
        { "GET", GET },       { "HEAD", GET },
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (httpa_slice_is(method, known[i].name)) {
            return known[i].is;
        }
    }
    return OTHER;
}

static bool is_home(struct httpa_slice path)
{
    size_t n = sizeof(HTTPA_WELL_KNOWN) - 1;
    return httpa_slice_starts(path, HTTPA_WELL_KNOWN) &&
           (path.n == n || path.p[n] == '?');
}

/* Whether one of the names in a comma-separated list begins with attest-. */
static bool names_attest(struct httpa_slice list)
{
    bool start = true;
    for (size_t i = 0; i < list.n; i++) {
        if (start && httpa_field_is_attest(httpa_slice_from(list, i))) {
            return true;
        }
        start = list.p[i] == ',' || list.p[i] == ' ' || list.p[i] == '\t';
    }
    return false;
}

static unsigned facts_of_field(const struct httpa_field *field)
{
    if (httpa_slice_is_nocase(field->name,
                              "access-control-request-method")) {
        return httpa_slice_is(field->value, "ATTEST") ? ASKS : 0;
    }
    if (httpa_slice_is_nocase(field->name,
                              "access-control-request-headers")) {
        return names_attest(field->value) ? ASKS : 0;
    }
    if (!httpa_field_is_attest(field->name)) {
        return 0;
    }
    switch (httpa_field_find(field->name)) {
    case HTTPA_FIELD_BASE_ID:
        return FIELD | ID;
    case HTTPA_FIELD_TICKET:
        return FIELD | TICKET;
    case HTTPA_FIELD_CARGO:
        return FIELD | CARGO;
    case HTTPA_FIELD_VERSIONS:
        return FIELD | VERSIONS | ASKS;
    default:
        return FIELD;
    }
}

enum httpa_kind httpa_kind_of(const struct httpa_head *outer)
{
    unsigned method = method_of(outer->method);
    unsigned facts = is_home(outer->path) ? HOME : 0;
    for (size_t i = 0; i < outer->fields.n; i++) {
        facts |= facts_of_field(&outer->fields.v[i]);
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if ((rows[i].methods & method) != 0 &&
            (rows[i].with & ~facts) == 0 && (rows[i].without & facts) == 0) {
            return rows[i].kind;
        }
    }
    return HTTPA_KIND_MALFORMED;
}

const char *httpa_kind_name(enum httpa_kind kind)
{
    static const char *const names[] = {
        [HTTPA_KIND_UNSET] = "unset",
        [HTTPA_KIND_PREFLIGHT] = "preflight",
        [HTTPA_KIND_DISCOVERY] = "discovery",
        [HTTPA_KIND_ATHS] = "aths",
        [HTTPA_KIND_SEALED] = "sealed",
        [HTTPA_KIND_CLEAR_FORM] = "clear-form",
        [HTTPA_KIND_MALFORMED] = "malformed",
        [HTTPA_KIND_UNTRUSTED] = "untrusted",
    };
    return (size_t)kind < sizeof(names) / sizeof(names[0]) ? names[kind]
                                                            : "unset";
}
