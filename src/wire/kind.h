/* Kinds of requests: declared for everybody in <httpa/kind.h>. */
#ifndef HTTPA_WIRE_KIND_H
#define HTTPA_WIRE_KIND_H

#include <httpa/kind.h>

#endif
