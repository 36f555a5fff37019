/* What vendors say of the platform behind a handshake, asked for while it
 * waits: a client whose service sends no collateral. */
#ifndef HTTPA_TOOL_VENDORS_H
#define HTTPA_TOOL_VENDORS_H

#include "tool/peer.h"

/*
 * After |hello| was undecided: fetches what its evidence needs into the folder
 * of the settings, and has it judged again.  HTTPA_ERR_UNDECIDED: as before,
 * because nothing can be fetched for it or what came did not decide; the others
 * are those of httpa_hello_endorsed.
 */
HTTPA_MUST_USE enum httpa_err
httpa_vendors_ask(struct httpa_world *world, struct httpa_hello *hello,
                  struct httpa_session **ret_session);

#endif
