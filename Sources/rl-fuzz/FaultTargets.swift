import Foundation

/// Readers that do what must be found: they test the fuzzer.
enum FaultTarget: String, CaseIterable, Sendable {
  case crash
  case hang
  case memory

  var target: FuzzTarget {
    FuzzTarget("fault-\(rawValue)", samples: [Array("sample".utf8)], words: ["s"]) { bytes, _ in
      if bytes.count.isMultiple(of: 3) { try self.happen(bytes) }
      return false
    }
  }

  private func happen(_ bytes: [UInt8]) throws {
    switch self {
    case .crash: preconditionFailure("a reader that traps")
    case .hang: while true { sleep(1) }
    case .memory:
      let wanted = [UInt8](repeating: 1, count: 1 << 30)
      if wanted[bytes.count] == 0 { throw FuzzError("cannot be") }
    }
  }
}
