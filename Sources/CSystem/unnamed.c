// Files that have no name until they are whole.
#define _GNU_SOURCE
#include "CSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#ifdef O_TMPFILE
int cs_open_unnamed(const char *folder) {
    int descriptor = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    if (descriptor >= 0) return descriptor;
    // Older kernels and file systems without it say that a folder cannot be written.
    return errno == EISDIR || errno == EOPNOTSUPP || errno == ENOENT ? -ENOTSUP : -errno;
}

int cs_name_file(int descriptor, const char *path) {
    char source[64];
    snprintf(source, sizeof source, "/proc/self/fd/%d", descriptor);
    return linkat(AT_FDCWD, source, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 ? 0 : -errno;
}
#else
int cs_open_unnamed(const char *folder) {
    (void)folder;
    return -ENOTSUP;
}

int cs_name_file(int descriptor, const char *path) {
    (void)descriptor;
    (void)path;
    return -ENOTSUP;
}
#endif
