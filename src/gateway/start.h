/* The parts of struct httpa_gateway, made in the order in which they need
 * each other; each says what is wrong and gives the exit code for it. */
#ifndef HTTPA_GATEWAY_START_H
#define HTTPA_GATEWAY_START_H

#include "gateway/gateway.h"
#include "gateway/state.h"

/* No core dumps, no swapped keys. */
void httpa_start_protect(void);

/* Service key and its chain, and the line about identity. */
enum httpa_gateway_exit httpa_start_identity(struct httpa_gateway *g);

/* The attester, the thread that owns it, and the line about it. */
enum httpa_gateway_exit httpa_start_tee(struct httpa_gateway *g);

/* The folder of --collateral, and the line about it. */
enum httpa_gateway_exit httpa_start_collateral(struct httpa_gateway *g);

/* Digest of the configuration, and the service. */
enum httpa_gateway_exit httpa_start_service(struct httpa_gateway *g);

/* Gates with their doors, and a line for each address. */
enum httpa_gateway_exit httpa_start_gates(struct httpa_gateway *g);

#endif
