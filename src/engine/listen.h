/*
 * Listening sockets, made before the loops that accept on them.
 *
 * Each thread asks for its own socket on the same TCP address; the kernel
 * spreads connections over them (SO_REUSEPORT).  A unix socket exists once:
 * make it once and give each thread a duplicate.
 */
#ifndef HTTPA_ENGINE_LISTEN_H
#define HTTPA_ENGINE_LISTEN_H

#include <stdint.h>

#include <httpa/error.h>

/* Pending connections the kernel holds for us. */
#define HTTPA_LISTEN_BACKLOG 1024

/*
 * |host| is a numeric address, or NULL or "*" for every address (IPv6 and,
 * mapped, IPv4).  |port| 0 takes a free one: see httpa_listen_port.
 * HTTPA_ERR_CONFIG for no numeric address, HTTPA_ERR_IO when the system
 * refuses (errno says why).
 */
HTTPA_MUST_USE enum httpa_err
httpa_listen_tcp(const char *host, uint16_t port, int *ret_fd);

/* |path| is replaced when it is a socket nobody listens on any more; mode
 * 0660.  HTTPA_ERR_CONFIG when the path is too long, HTTPA_ERR_IO. */
HTTPA_MUST_USE enum httpa_err httpa_listen_unix(const char *path, int *ret_fd);

/* A second descriptor of the same socket, for another thread. */
HTTPA_MUST_USE enum httpa_err httpa_listen_dup(int fd, int *ret_fd);

/*
 * No new TCP handshake begins on |fd| any more; those under way still end.
 * Closing a listener resets what its queue holds, even when another process
 * listens on the same port: so first this, then accept for a while, then
 * close.  A client whose SYN falls in between sends it again, after a second,
 * to who listens then.  Does nothing to other sockets.
 */
void httpa_listen_last_call(int fd);

/* The port of a TCP socket, 0 for others. */
uint16_t httpa_listen_port(int fd);

#endif
