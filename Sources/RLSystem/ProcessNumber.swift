import Glibc

/// Processes by their numbers.
public enum ProcessNumber {
  /// This process's.
  public static var own: Int32 { getpid() }

  /// Whether there is such a process on this machine, whoever owns it.
  public static func isRunning(_ number: Int32) -> Bool {
    number > 0 && (kill(number, 0) == 0 || errno != ESRCH)
  }
}
