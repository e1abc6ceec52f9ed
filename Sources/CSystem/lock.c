// Locks that the kernel drops when their holder ends.
#include "CSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

int cs_lock_file(const char *path, bool exclusive, bool wait) {
    for (;;) {
        int descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (descriptor < 0) return -errno;
        int result, operation = (exclusive ? LOCK_EX : LOCK_SH) | (wait ? 0 : LOCK_NB);
        do result = flock(descriptor, operation);
        while (result != 0 && errno == EINTR);
        int error = errno;
        struct stat ours, named;
        if (result == 0 && fstat(descriptor, &ours) == 0 && lstat(path, &named) == 0
            && ours.st_ino == named.st_ino && ours.st_dev == named.st_dev)
            return descriptor;
        close(descriptor);
        if (result != 0) return -error;
        // Removed between open and lock: what is locked has no name any more, so nobody else would see the lock.
    }
}

void cs_unlock_file(int descriptor) {
    while (flock(descriptor, LOCK_UN) != 0 && errno == EINTR) {}
    close(descriptor);
}
