// Confinement of this process by Landlock (Linux 5.13 and later), see landlock(7).
#ifdef __linux__
#define _GNU_SOURCE
#endif
#include "CSystem.h"

#include <errno.h>

#ifdef __linux__
#include <fcntl.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// Declared here because the header of the machine that builds may be older than the kernel that runs.
enum { CREATE_RULESET = 444, ADD_RULE = 445, RESTRICT_SELF = 446 };
enum { VERSION_QUERY = 1, PATH_BENEATH = 1 };

struct ruleset { uint64_t files, network, scope; };
struct path_rule { uint64_t allowed; int32_t parent; } __attribute__((packed));

enum {
    FILE_WRITE = 1 << 1,
    FILE_READ = 1 << 2,
    FOLDER_READ = 1 << 3,
    FOLDER_REMOVE_FILE = 1 << 5,
    FOLDER_MAKE_FILE = 1 << 8,
    FILE_TRUNCATE = 1 << 14,
    FIRST_VERSION = (1 << 13) - 1,  // every right of the first version
    SECOND_VERSION = 1 << 13,       // files moved or linked between folders
    FIFTH_VERSION = 1 << 15,        // control of devices
    FOURTH_VERSION_NETWORK = 3,     // TCP bind, connect
    SIXTH_VERSION_SCOPE = 3,        // abstract Unix sockets and signals to processes outside
};

static uint64_t known_rights(long version) {
    uint64_t rights = FIRST_VERSION;
    if (version >= 2) rights |= SECOND_VERSION;
    if (version >= 3) rights |= FILE_TRUNCATE;
    if (version >= 5) rights |= FIFTH_VERSION;
    return rights;
}

// Allows `rights`, as far as they fit, on each path. A path that is missing stays without rights.
static int allow(int ruleset, const char *const *paths, uint64_t rights) {
    for (; paths != NULL && *paths != NULL; paths++) {
        struct stat status;
        int descriptor = open(*paths, O_PATH | O_CLOEXEC);
        if (descriptor < 0 && errno == ENOENT) continue;
        if (descriptor < 0) return -errno;
        bool is_folder = fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode);
        uint64_t fitting = is_folder ? rights : rights & (FILE_READ | FILE_WRITE | FILE_TRUNCATE);
        struct path_rule rule = {.allowed = fitting, .parent = descriptor};
        long result = syscall(ADD_RULE, ruleset, PATH_BENEATH, &rule, 0);
        int error = errno;
        close(descriptor);
        if (result != 0) return -error;
    }
    return 0;
}

int cs_confine(const struct cs_confinement *confinement) {
    long version = syscall(CREATE_RULESET, NULL, 0, VERSION_QUERY);
    if (version < 1) return errno == ENOSYS || errno == EOPNOTSUPP ? 0 : -errno;
    struct ruleset wanted = {.files = known_rights(version)};
    if (version >= 4 && !confinement->network) wanted.network = FOURTH_VERSION_NETWORK;
    if (version >= 6) wanted.scope = SIXTH_VERSION_SCOPE;
    size_t size = version >= 6 ? sizeof wanted : version >= 4 ? offsetof(struct ruleset, scope) : sizeof wanted.files;
    int ruleset = (int)syscall(CREATE_RULESET, &wanted, size, 0);
    if (ruleset < 0) return -errno;
    uint64_t read = FILE_READ | FOLDER_READ;
    uint64_t write = read | FILE_WRITE | FOLDER_MAKE_FILE | FOLDER_REMOVE_FILE | (wanted.files & FILE_TRUNCATE);
    int result = allow(ruleset, confinement->readable, read);
    if (result == 0) result = allow(ruleset, confinement->writable, write);
    if (result == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) result = -errno;
    if (result == 0 && syscall(RESTRICT_SELF, ruleset, 0) != 0) result = -errno;
    close(ruleset);
    return result < 0 ? result : 1;
}

#else

int cs_confine(const struct cs_confinement *confinement) {
    (void)confinement;
    return 0;
}

#endif
