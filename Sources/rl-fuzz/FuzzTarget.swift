/// A reader of files that may be hostile, with what is needed to attack it.
struct FuzzTarget: Sendable {
  let name: String
  /// Files that it accepts. `read` is told which one was damaged.
  let samples: [[UInt8]]
  /// What means something in the format.
  let words: [String]
  /// Makes checksums right again, so that the damage gets further in; `nil` when there are none.
  let seal: (@Sendable ([UInt8], _ sample: Int) -> [UInt8])?
  /// Reads a damaged file with all that a user's command would do with it.
  ///
  /// - Returns: whether it was accepted.
  /// - Throws: what is no clear refusal.
  let read: @Sendable ([UInt8], _ sample: Int) throws -> Bool

  init(
    _ name: String, samples: [[UInt8]], words: [String],
    seal: (@Sendable ([UInt8], _ sample: Int) -> [UInt8])? = nil,
    read: @escaping @Sendable ([UInt8], _ sample: Int) throws -> Bool
  ) {
    self.name = name
    self.samples = samples
    self.words = words
    self.seal = seal
    self.read = read
  }
}

/// Every target: a new one is one line here. `folder` is for those that read more than one file.
enum FuzzCatalogue {
  private typealias Maker = @Sendable (_ folder: String) throws -> FuzzTarget

  static let names = makers.map(\.name)

  private static let makers: [(name: String, make: Maker)] = [
    ("policy", { _ in try policyTarget() }),
    ("safetensors", { _ in try safetensorsTarget() }),
    ("config", { _ in configurationTarget() }),
    ("presets", { _ in presetTarget() }),
    ("run", { try runManifestTarget(folder: $0) }),
    ("checkpoint", { try checkpointTarget(folder: $0) }),
    ("rollout", { try rolloutTarget(folder: $0) }),
    ("manifest", { try checkpointManifestTarget(folder: $0) }),
    ("metrics", { try metricsTarget(folder: $0) }),
    ("trace", { _ in traceTarget() }),
  ]

  /// - Throws: `FuzzError` for an unknown name, and what making its samples throws.
  static func target(named name: String, folder: String) throws -> FuzzTarget {
    if let fault = FaultTarget.allCases.first(where: { "fault-\($0)" == name }) {
      return fault.target
    }
    guard let maker = makers.first(where: { $0.name == name }) else {
      throw FuzzError("no target is called \(name); there are \(names.joined(separator: ", "))")
    }
    return try maker.make(folder)
  }
}

/// What the fuzzer itself could not do.
struct FuzzError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
