#define _GNU_SOURCE /* wait4 */
#include "CBench.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Waits for it too. */
static bool run(char *const arguments[], struct rusage *usage) {
  posix_spawn_file_actions_t actions;
  if (posix_spawn_file_actions_init(&actions) != 0) return false;
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t process = 0;
  int status = -1;
  const bool started = posix_spawn(&process, arguments[0], &actions, NULL, arguments, environ) == 0;
  posix_spawn_file_actions_destroy(&actions);
  return started && wait4(process, &status, 0, usage) == process && status == 0;
}

bool cb_run_program(const char *program, const char *argument) {
  char *const arguments[] = {(char *)(uintptr_t)program, (char *)(uintptr_t)argument, NULL};
  struct rusage usage;
  return run(arguments, &usage);
}

int64_t cb_peak_memory(const char *command) {
  char text[4096], *words[32] = {NULL}, *rest = text;
  if (strlen(command) >= sizeof text) return -1;
  strcpy(text, command);
  for (size_t i = 0; i + 1 < sizeof words / sizeof *words && rest; i++)
    words[i] = strsep(&rest, " ");
  struct rusage usage;
  return !rest && run(words, &usage) ? (int64_t)usage.ru_maxrss : -1;
}
