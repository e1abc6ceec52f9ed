// Libraries loaded at run time.
#include "CSystem.h"

#include <dlfcn.h>
#include <stddef.h>

void *cs_library_open(const char *const *names) {
    for (; *names != NULL; names++) {
        void *library = dlopen(*names, RTLD_NOW | RTLD_LOCAL);
        if (library != NULL) return library;
    }
    return NULL;
}

void *cs_library_symbol(void *library, const char *name) { return dlsym(library, name); }

typedef int (*easy_function)(void *easy, int what, ...);

int cs_curl_set_number(void *function, void *easy, int option, long value) {
    return ((easy_function)function)(easy, option, value);
}

int cs_curl_set_pointer(void *function, void *easy, int option, const void *value) {
    return ((easy_function)function)(easy, option, value);
}

int cs_curl_set_writer(
    void *function, void *easy, int option, size_t (*write)(char *bytes, size_t size, size_t count, void *context)) {
    return ((easy_function)function)(easy, option, write);
}

int cs_curl_get_number(void *function, void *easy, int info, long *value) {
    return ((easy_function)function)(easy, info, value);
}
