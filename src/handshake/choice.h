/*
 * Version, suite and group: the first of the client's list that the service
 * speaks (doc/protocol.md 5.2).  Texts are values of Attest-* fields.
 */
#ifndef HTTPA_HANDSHAKE_CHOICE_H
#define HTTPA_HANDSHAKE_CHOICE_H

#include "codec/sfv.h"
#include "crypto/group.h"
#include "crypto/suite.h"

#define HTTPA_VERSION_TOKEN "httpa/2"

/* HTTPA_ERR_VERSION when "httpa/2" is not offered. */
HTTPA_MUST_USE enum httpa_err
httpa_choose_version(struct httpa_slice versions, struct httpa_sfv_room *room);

/* HTTPA_ERR_SUITE when none of |suites| is known. */
HTTPA_MUST_USE enum httpa_err
httpa_choose_suite(struct httpa_slice suites, struct httpa_sfv_room *room,
                   const struct httpa_suite **ret_suite);

/* Groups and shares agree one to one, in order; else HTTPA_ERR_MALFORMED. */
HTTPA_MUST_USE enum httpa_err
httpa_check_shares(struct httpa_slice groups, struct httpa_slice shares,
                   struct httpa_sfv_room *group_room,
                   struct httpa_sfv_room *share_room);

/*
 * The first available group and its share, which points into |room|.
 * HTTPA_ERR_GROUP when there is none.  |shares| was checked before.
 */
HTTPA_MUST_USE enum httpa_err
httpa_choose_group(const struct httpa_crypto *crypto, struct httpa_slice shares,
                   struct httpa_sfv_room *room,
                   const struct httpa_group **ret_group,
                   struct httpa_slice *ret_share);

/* Appends one member of Attest-Key-Shares, or Attest-Key-Share. */
void httpa_share_put(struct httpa_sfv_writer *w,
                     const struct httpa_group *group, struct httpa_slice share);

/* Reads Attest-Key-Share; |ret_share| points into |room|.  HTTPA_ERR_OFFER
 * when its group is not |group|. */
HTTPA_MUST_USE enum httpa_err
httpa_share_read(struct httpa_slice text, const struct httpa_group *group,
                 struct httpa_sfv_room *room, struct httpa_slice *ret_share);

/* Whether the List of Tokens |list| names |token|. */
bool httpa_list_has(struct httpa_slice list, struct httpa_slice token,
                    struct httpa_sfv_room *room);

#endif
