/* Reading and writing a descriptor to the end. */
#ifndef HTTPA_COLLATERAL_IO_H
#define HTTPA_COLLATERAL_IO_H

#include <httpa/slice.h>

/* Appends what comes until the end, not beyond |out->max|: HTTPA_ERR_RANGE.
 * HTTPA_ERR_IO otherwise; errno says why. */
HTTPA_MUST_USE enum httpa_err httpa_io_read_all(int fd, struct httpa_buf *out);

/* All of |s|; false with errno. */
bool httpa_io_write_all(int fd, struct httpa_slice s);

#endif
