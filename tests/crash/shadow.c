/* What a disk would still hold after the power went: a file is copied to SHADOW_TO when it is synchronised, and what is
   renamed or removed is renamed or removed there too. Preloaded into a program that works in the folder SHADOW_OF. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

/* The place in the shadow of a file; 0 where it is none of the folder's. */
static int shadowed(const char *path, char *place)
{
    const char *of = getenv("SHADOW_OF"), *to = getenv("SHADOW_TO");
    size_t length = of ? strlen(of) : 0;
    if (!of || !to || strncmp(path, of, length) || path[length] != '/')
        return 0;
    return snprintf(place, PATH_MAX, "%s%s", to, path + length) < PATH_MAX;
}

static void copy(int from, const char *place)
{
    char beside[PATH_MAX + 8], source[64], block[65536];
    ssize_t got = 0;
    snprintf(source, sizeof source, "/proc/self/fd/%d", from);
    snprintf(beside, sizeof beside, "%s.part", place);
    int in = open(source, O_RDONLY), out = open(beside, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    while (in >= 0 && out >= 0 && (got = read(in, block, sizeof block)) > 0)
        if (write(out, block, got) != got)
            abort();
    if (in < 0 || out < 0 || got < 0)
        abort();
    close(in);
    close(out);
    if (rename(beside, place))
        abort();
}

static int synchronised(int fd, const char *call)
{
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, call);
    char source[64], path[PATH_MAX], place[PATH_MAX];
    int done = real(fd);
    snprintf(source, sizeof source, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(source, path, sizeof path - 1);
    if (done || length <= 0)
        return done;
    path[length] = 0;
    pthread_mutex_lock(&one_at_a_time);
    if (shadowed(path, place))
        copy(fd, place);
    pthread_mutex_unlock(&one_at_a_time);
    return done;
}

int fsync(int fd) { return synchronised(fd, "fsync"); }
int fdatasync(int fd) { return synchronised(fd, "fdatasync"); }

int unlink(const char *path)
{
    int (*real)(const char *) = (int (*)(const char *))dlsym(RTLD_NEXT, "unlink");
    char place[PATH_MAX];
    int done = real(path);
    if (!done && shadowed(path, place))
        real(place);
    return done;
}

int rename(const char *from, const char *to)
{
    int (*real)(const char *, const char *) = (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename");
    char before[PATH_MAX], after[PATH_MAX];
    int done = real(from, to);
    if (!done && shadowed(from, before) && shadowed(to, after))
        real(before, after);
    return done;
}
