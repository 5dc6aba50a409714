internal import CRLEnv
internal import Glibc

/// The `rlenv_error` of a call.
@safe final class CallError {
  let pointer: UnsafeMutablePointer<rlenv_error>

  init() {
    unsafe pointer = .allocate(capacity: 1)
    unsafe pointer.initialize(to: rlenv_error())
    clear()
  }

  deinit { unsafe pointer.deallocate() }

  /// Lane -1 and an empty message, as every call expects it.
  func clear() {
    unsafe pointer.pointee.lane = -1
    unsafe pointer.pointee.message.0 = 0
  }

  /// The lane at fault, if the plugin named one.
  var lane: Int? { unsafe pointer.pointee.lane >= 0 ? unsafe Int(pointer.pointee.lane) : nil }

  /// The plugin's words; empty if it left none.
  var message: String {
    unsafe withUnsafeBytes(of: pointer.pointee.message) { bytes in
      printable(unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
    }
  }

  /// The plugin's words and the status behind them.
  func text(_ status: rlenv_status) -> String {
    let message = message
    return message.isEmpty
      ? "failed without a message (\(statusName(status)))" : "\(message) (\(statusName(status)))"
  }
}

/// Text with its control characters made spaces.
func printable(_ text: String) -> String {
  String(text.map { $0.isASCII && ($0 < " " || $0 == "\u{7F}") ? " " : $0 })
}

/// The header's name of a status; any other number counts as `RLENV_E_INTERNAL`.
func statusName(_ status: rlenv_status) -> String {
  switch Int(status) {
  case RLENV_OK: "RLENV_OK"
  case RLENV_E_ARG: "RLENV_E_ARG: the plugin says that the host broke the contract"
  case RLENV_E_STATE: "RLENV_E_STATE: the plugin says that the host called out of order"
  case RLENV_E_OPTION: "RLENV_E_OPTION: an option has a value that the environment cannot use"
  case RLENV_E_NOMEM: "RLENV_E_NOMEM: out of memory"
  case RLENV_E_IO: "RLENV_E_IO: a file, model or device is missing or bad"
  case RLENV_E_UNSUPPORTED: "RLENV_E_UNSUPPORTED"
  case RLENV_E_BUFFER: "RLENV_E_BUFFER"
  case RLENV_E_LANE: "RLENV_E_LANE: a lane failed"
  case RLENV_E_INTERNAL: "RLENV_E_INTERNAL: the instance is broken"
  case RLENV_E_FATAL: "RLENV_E_FATAL: the library is broken"
  default: "status \(status), which rlenv.h does not know: the instance counts as broken"
  }
}
