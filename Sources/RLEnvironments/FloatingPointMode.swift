internal import CEnvironmentSupport

/// Keeps a plugin's floating-point mode from leaking into the host, and the host's into the plugin:
/// calls begin with the default mode, and what they leave behind is undone.
struct FloatingPointMode {
  private let mode: UInt64

  /// Sets the default mode and remembers the thread's own.
  @inline(__always)
  static func enter() -> FloatingPointMode {
    FloatingPointMode(mode: cenvironment_enter_default_mode())
  }

  /// Sets the remembered mode.
  @inline(__always)
  func leave() { cenvironment_restore_mode(mode) }
}
