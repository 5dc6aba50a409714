internal import CKernels

/// Which implementation of the kernels is run. All give the same bits.
public enum KernelSet: String, Sendable, CaseIterable {
  /// Products through libxsmm, the rest as the best set below.
  case xsmm
  /// Our own for AVX-512.
  case wide
  /// Our own for AVX2 with FMA, and for NEON.
  case narrow

  /// Whether this build on this CPU can run the set.
  public var isAvailable: Bool { ck_available(code) }

  /// What the environment variable `RLHOST_KERNELS` asks for, else the fastest available.
  public static let current = choice(for: request) ?? .narrow

  /// What `RLHOST_KERNELS` says: "" when it is not set.
  static let request = unsafe String(cString: ck_environment("RLHOST_KERNELS"))

  var code: ck_set {
    switch self {
    case .xsmm: CK_XSMM
    case .wide: CK_WIDE
    case .narrow: CK_NARROW
    }
  }

  /// The set that `request` names, if it can be run: "portable" is the best of our own, "" the
  /// best of all.
  package static func choice(for request: String) -> KernelSet? {
    let candidates: [KernelSet] =
      switch request {
      case "": [.xsmm, .wide, .narrow]
      case "portable": [.wide, .narrow]
      default: KernelSet(rawValue: request).map { [$0] } ?? []
      }
    return candidates.first(where: \.isAvailable)
  }
}

/// Whether and how the kernels run on this CPU.
public enum KernelSupport {
  /// For people: `libxsmm (AVX-512)`, `portable (AVX2)`.
  public static var description: String {
    switch KernelSet.current {
    case .xsmm: unsafe "libxsmm (\(String(cString: ck_xsmm_target())))"
    case .wide: "portable (AVX-512)"
    case .narrow: "portable (\(narrowName))"
    }
  }

  /// - Throws: `UnsupportedKernelsError` on a CPU without fused multiply-adds, or when
  ///   `RLHOST_KERNELS` asks for kernels that are not there.
  public static func requireSupported() throws(UnsupportedKernelsError) {
    guard KernelSet.narrow.isAvailable else {
      throw UnsupportedKernelsError(
        reason: "this CPU has no AVX2 with FMA and BMI2 (x86-64-v3): rl-host cannot compute on it")
    }
    guard KernelSet.choice(for: KernelSet.request) != nil else {
      throw UnsupportedKernelsError(
        reason: "RLHOST_KERNELS=\(KernelSet.request) cannot be run here: leave it unset, or set it "
          + "to one of portable, \(available)")
    }
  }

  private static var available: String {
    KernelSet.allCases.filter(\.isAvailable).map(\.rawValue).joined(separator: ", ")
  }

  #if arch(x86_64)
  private static let narrowName = "AVX2"
  #else
  private static let narrowName = "NEON"
  #endif
}

/// Kernels that cannot be run on this machine.
public struct UnsupportedKernelsError: Error, Sendable, Equatable, CustomStringConvertible {
  public var reason: String

  public var description: String { reason }
}
