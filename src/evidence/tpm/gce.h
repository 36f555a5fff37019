/*
 * What Google's certificates say of the machine whose vTPM has the key: the
 * extension 1.3.6.1.4.1.11129.2.1.21.
 *
 *   SEQUENCE { zone UTF8String, project number INTEGER, project UTF8String,
 *              instance id INTEGER, instance name UTF8String,
 *              [0] { SEQUENCE { [0] { security version INTEGER },
 *                               [1] { of production BOOLEAN }, [n] {}... } } }
 *
 * The last part is optional, and so are its members; those above [1] are
 * passed over.
 */
#ifndef HTTPA_EVIDENCE_TPM_GCE_H
#define HTTPA_EVIDENCE_TPM_GCE_H

#include <httpa/slice.h>

#define HTTPA_TPM_GCE_OID "1.3.6.1.4.1.11129.2.1.21"

/* Names of Google's resources have at most 63 characters, those of projects
 * of organisations a domain before them. */
#define HTTPA_TPM_GCE_TEXT_MAX 320u

struct httpa_tpm_gce {
    struct httpa_slice zone; /* "us-central1-a" */
    uint64_t project_number;
    struct httpa_slice project;
    uint64_t instance_id;
    struct httpa_slice instance;
    bool production; /* false where nothing is said: Google's own tests */
};

/* Errors of httpa_der_end, HTTPA_ERR_RANGE (a name empty or too long),
 * HTTPA_ERR_MALFORMED (not UTF-8). */
HTTPA_MUST_USE enum httpa_err httpa_tpm_gce_read(struct httpa_slice extension,
                                                 struct httpa_tpm_gce *ret);

#endif
