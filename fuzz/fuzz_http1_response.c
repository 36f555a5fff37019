/* HTTP/1.1 responses. */
#include "http1_again.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_again(HTTPA_HTTP1_RESPONSES, httpa_slice_of(data, size));
    return 0;
}
