/* What the two halves of the example service share. */
#ifndef EXAMPLES_SERVICE_H
#define EXAMPLES_SERVICE_H

#include <httpa/attest.h>
#include <httpa/service.h>

struct service {
    struct httpa_service *service;
    struct httpa_attester *device;
};

/* Reads one request from |fd| and answers it; |fd| stays open. */
void service_answer(const struct service *s, int fd);

#endif
