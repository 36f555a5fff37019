/*
 * The gateway: `httpa serve`.
 *
 * It stands beside an unchanged application, inside the TEE.  Sealed requests
 * come in through any proxies, are verified and opened by libhttpa, rebuilt,
 * and forwarded; answers are sealed on the way back.  Everything else is
 * refused, unless the configuration names it.
 *
 *   options, settings   what was asked for, from flags and the environment
 *   serve               start: attester, key, service, listeners, threads
 *   dispatch            one request: what it is, who takes it
 *   aths, sealed, atsp  the three kinds of message that need a service
 *   untrusted           requests that are passed on as they are
 *   quoter              the thread that owns the TEE device
 *   health, ops         readiness, and the listener for operators
 *   log, metrics        what happened, without secrets
 *
 * One loop per thread; what threads share is struct httpa_gateway, and says
 * for each member who may touch it.
 */
#ifndef HTTPA_GATEWAY_GATEWAY_H
#define HTTPA_GATEWAY_GATEWAY_H

/* What the program ends with (httpa serve --help, "Exit codes"). */
enum httpa_gateway_exit {
    HTTPA_GATEWAY_STOPPED = 0,
    HTTPA_GATEWAY_CONFIG = 2,
    HTTPA_GATEWAY_LISTEN = 3,
    HTTPA_GATEWAY_TEE = 6
};

/* `httpa serve`: argv[0] is the subcommand.  Returns an exit code. */
int httpa_gateway_main(int argc, char **argv);

#endif
