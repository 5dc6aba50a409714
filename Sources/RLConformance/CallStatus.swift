internal import CRLEnv
internal import Glibc

/// An error record as the host presets it. The caller deallocates it.
func makeError() -> UnsafeMutablePointer<rlenv_error> {
  let error = UnsafeMutablePointer<rlenv_error>.allocate(capacity: 1)
  unsafe error.initialize(to: rlenv_error())
  unsafe clear(error)
  return unsafe error
}

func clear(_ error: UnsafeMutablePointer<rlenv_error>) {
  unsafe error.pointee.lane = -1
  unsafe error.pointee.message.0 = 0
}

/// The plugin's words; empty if it left none.
func message(_ error: UnsafeMutablePointer<rlenv_error>) -> String {
  unsafe withUnsafeBytes(of: error.pointee.message) { bytes in
    let text = unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    return String(text.map { $0.isASCII && ($0 < " " || $0 == "\u{7F}") ? " " : $0 })
  }
}

/// The names of `rlenv_status`, by minus the status.
private let statusNames = [
  "RLENV_OK", "RLENV_E_ARG", "RLENV_E_STATE", "RLENV_E_OPTION", "RLENV_E_NOMEM", "RLENV_E_IO",
  "RLENV_E_UNSUPPORTED", "RLENV_E_BUFFER", "RLENV_E_LANE", "RLENV_E_INTERNAL", "RLENV_E_FATAL",
]

/// Whether rlenv.h lists the status.
func isListed(_ status: rlenv_status) -> Bool { (-10...0).contains(Int(status)) }

func statusName(_ status: rlenv_status) -> String {
  isListed(status) ? statusNames[-Int(status)] : "status \(status), which rlenv.h does not list"
}

/// A legal call that failed.
func callFinding(
  _ call: String, _ status: rlenv_status, _ words: String, _ place: Place
) -> Finding {
  var place = place
  place.call = call
  return Finding(
    "\(call) failed with \(statusName(status)): \(words.isEmpty ? "no message" : words)", at: place,
    advice: "the call was legal: correct what fails there"
      + (words.isEmpty ? ", and leave a sentence in error->message" : ""))
}

func creationFinding(
  _ status: rlenv_status, _ handle: OpaquePointer?, _ words: String
) -> Finding {
  guard status == RLENV_OK else { return callFinding("create", status, words, Place()) }
  return Finding(
    "create answered RLENV_OK and made no instance", at: Place(call: "create"),
    advice: "set *out to the new instance, or return a negative status")
}
