/* Calls of the system that Swift's view of the C library leaves out. */
#ifndef CSYSTEM_H
#define CSYSTEM_H

/* Exchanges the names of two files or folders in one step. Returns 0, or -1 with errno set: EINVAL
   or ENOSYS where the file system or the kernel cannot. */
int csystem_exchange(const char *path, const char *other);

#endif
