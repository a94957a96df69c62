/* Sets the wall clock of the processes that load this, and no other clock: it adds the nanoseconds in the file
   WALL_CLOCK names, which may change at any moment. Monotonic clocks go on, as they do when somebody sets a clock.

   What waits for a time of day waits for the one that is told here, in short steps. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL
#define STEP (SECOND / 20)
#define EPOCH 500000000 /* seconds: times beyond are times of day, since no machine runs for 15 years */

static const volatile int64_t *ahead;
static int (*real_clock_gettime)(clockid_t, struct timespec *);
static int (*real_sem_timedwait)(sem_t *, const struct timespec *);
static int (*real_cond_timedwait)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
static int (*real_cond_clockwait)(pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *);

__attribute__((constructor)) static void begin(void) {
    const char *name = getenv("WALL_CLOCK");
    int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    if (file >= 0) {
        void *found = mmap(NULL, sizeof *ahead, PROT_READ, MAP_SHARED, file, 0);
        if (found != MAP_FAILED) ahead = found;
        close(file);
    }
    real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
    real_sem_timedwait = dlsym(RTLD_NEXT, "sem_timedwait");
    /* the first symbol of that name is one of 1997 with other structures */
    real_cond_timedwait = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
    if (!real_cond_timedwait) real_cond_timedwait = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
    real_cond_clockwait = dlsym(RTLD_NEXT, "pthread_cond_clockwait");
}

static struct timespec of(int64_t moment) {
    struct timespec found = {moment / SECOND, moment % SECOND};
    return found;
}

static int64_t number(const struct timespec *moment) { return moment->tv_sec * SECOND + moment->tv_nsec; }

static int64_t real_now(clockid_t clock) {
    struct timespec now;
    if (!real_clock_gettime) begin();
    real_clock_gettime(clock, &now);
    return number(&now);
}

static int64_t told_now(void) { return real_now(CLOCK_REALTIME) + (ahead ? *ahead : 0); }

int clock_gettime(clockid_t clock, struct timespec *found) {
    if (!real_clock_gettime) begin();
    if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE) return real_clock_gettime(clock, found);
    *found = of(told_now());
    return 0;
}

int gettimeofday(struct timeval *restrict found, void *restrict zone) {
    int64_t now = told_now();
    (void)zone;
    found->tv_sec = now / SECOND;
    found->tv_usec = now % SECOND / 1000;
    return 0;
}

time_t time(time_t *found) {
    time_t now = told_now() / SECOND;
    if (found) *found = now;
    return now;
}

/* When to look again, by the real clock; never later than the moment itself. */
static struct timespec next_look(const struct timespec *until) {
    int64_t left = number(until) - told_now();
    return of(real_now(CLOCK_REALTIME) + (left < STEP ? left : STEP));
}

int sem_timedwait(sem_t *sem, const struct timespec *until) {
    for (;;) {
        struct timespec look = next_look(until);
        if (real_sem_timedwait(sem, &look) == 0) return 0;
        if (errno != ETIMEDOUT || told_now() >= number(until)) return -1;
    }
}

/* A wait that ends before its time for no reason is allowed, and whoever waits looks again. */
static int early(int found, const struct timespec *until) {
    return found == ETIMEDOUT && told_now() < number(until) ? 0 : found;
}

int pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *until) {
    if (until->tv_sec < EPOCH) return real_cond_timedwait(cond, mutex, until);
    struct timespec look = next_look(until);
    return early(real_cond_timedwait(cond, mutex, &look), until);
}

int pthread_cond_clockwait(pthread_cond_t *cond, pthread_mutex_t *mutex, clockid_t clock, const struct timespec *until) {
    if (clock != CLOCK_REALTIME) return real_cond_clockwait(cond, mutex, clock, until);
    struct timespec look = next_look(until);
    return early(real_cond_clockwait(cond, mutex, clock, &look), until);
}
