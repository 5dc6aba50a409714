#include "CBench.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

bool cb_run_program(const char *program, const char *argument) {
  posix_spawn_file_actions_t actions;
  if (posix_spawn_file_actions_init(&actions) != 0) return false;
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  char *const arguments[] = {(char *)(uintptr_t)program, (char *)(uintptr_t)argument, NULL};
  pid_t process = 0;
  int status = -1;
  const bool started = posix_spawn(&process, program, &actions, NULL, arguments, environ) == 0;
  posix_spawn_file_actions_destroy(&actions);
  return started && waitpid(process, &status, 0) == process && status == 0;
}

double cb_load_average(void) {
  double load = 0;
  return getloadavg(&load, 1) == 1 ? load : -1;
}
