// Stands before the C library: what a node asks of its disk fails, or comes late, as a file of the harness says
// (REGENT_SHIM; read through memory, so that it costs nothing to look). Without that file it does nothing.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

// As `Orders` in shim.rs writes it.
struct orders {
    volatile uint32_t sync_fails;
    volatile uint32_t write_fails;
    volatile uint32_t sync_ms;
};

static const struct orders none;
static const struct orders *orders = &none;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("REGENT_SHIM");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *seen = mmap(NULL, sizeof *orders, PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (seen != MAP_FAILED) orders = seen;
}

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

static int sync_fails(void) {
    uint32_t late = orders->sync_ms;
    struct timespec pause = {late / 1000, (long)(late % 1000) * 1000000};
    if (late) nanosleep(&pause, NULL);
    if (orders->sync_fails) errno = EIO;
    return orders->sync_fails != 0;
}

int fsync(int file) {
    int (*next)(int) = real("fsync");
    return sync_fails() ? -1 : next(file);
}

int fdatasync(int file) {
    int (*next)(int) = real("fdatasync");
    return sync_fails() ? -1 : next(file);
}

static ssize_t write_fails(void) {
    if (orders->write_fails) errno = EIO;
    return orders->write_fails != 0;
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) {
    ssize_t (*next)(int, const void *, size_t, off_t) = real("pwrite");
    return write_fails() ? -1 : next(file, bytes, count, at);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
    ssize_t (*next)(int, const void *, size_t, off64_t) = real("pwrite64");
    return write_fails() ? -1 : next(file, bytes, count, at);
}
