import Glibc

/// From now on the signal `number` goes to `handler`, also where the parent process has blocked it.
func handleSignal(_ number: Int32, _ handler: __sighandler_t?) {
  var action = sigaction()
  unsafe action.__sigaction_handler.sa_handler = handler
  action.sa_flags = Int32(SA_RESTART)
  unsafe sigaction(number, &action, nil)
  var set = sigset_t()
  unsafe sigemptyset(&set)
  unsafe sigaddset(&set, number)
  unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
}
