// What kind of file system a folder is on.
#include "CSystem.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __linux__
#include <mntent.h>
#include <sys/vfs.h>

enum { fuse_magic = 0x65735546 };

// The type of the mount with the longest path that leads to the folder.
static void mount_type(const char *path, char *type, size_t max) {
    char folder[PATH_MAX], buffer[4096];
    if (!realpath(path, folder)) return;
    FILE *mounts = setmntent("/proc/self/mounts", "re");
    if (!mounts) return;
    size_t best = 0;
    struct mntent entry;
    while (getmntent_r(mounts, &entry, buffer, sizeof buffer)) {
        size_t length = strlen(entry.mnt_dir);
        if (length == 1) length = 0;  // the root leads everywhere
        bool leads = strncmp(folder, entry.mnt_dir, length) == 0 && (folder[length] == '/' || folder[length] == 0);
        if (!leads || length < best) continue;
        best = length;
        snprintf(type, max, "%s", entry.mnt_type);
    }
    endmntent(mounts);
}

int cs_file_system(const char *path, uint32_t *magic, char *type, size_t type_max) {
    struct statfs info;
    if (statfs(path, &info) != 0) return -errno;
    *magic = (uint32_t)info.f_type;
    type[0] = 0;
    if (*magic == fuse_magic) mount_type(path, type, type_max);
    return 0;
}
#else
#include <sys/mount.h>
#include <sys/param.h>

int cs_file_system(const char *path, uint32_t *magic, char *type, size_t type_max) {
    struct statfs info;
    if (statfs(path, &info) != 0) return -errno;
    *magic = 0;
    snprintf(type, type_max, "%s", info.f_flags & MNT_LOCAL ? "" : info.f_fstypename);
    return 0;
}
#endif
