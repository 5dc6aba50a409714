import RLCore
import RLKernels

/// What an observation is before, between and after its wrappers.
struct ObservationPlan: Sendable, Equatable {
  let leaves: [LeafPlan]
  let raw: RowLayout
  let frame: RowLayout
  let shown: RowLayout
  let space: Space  // as a policy sees it
  /// Environment steps of an episode, where the share of them that has passed is shown.
  let timeLimit: Int?
  let frames: Int
  /// The columns of each leaf's numbers in the statistics; `nil` where it is left as it is.
  let columns: [Range<Int>?]

  /// - Throws: `ConfigurationError` when a wrapper has nothing to work on.
  init(
    _ space: Space, _ configuration: WrapperConfiguration, timeLimit: Int?
  ) throws(ConfigurationError) {
    leaves = space.leaves.map { LeafPlan($0, configuration) }
    try Self.check(space, leaves, configuration, timeLimit)
    frames = configuration.frameStack
    self.timeLimit = configuration.timeAware ? timeLimit : nil
    var columns: [Range<Int>?] = []
    var end = 0
    for plan in leaves {
      let width = plan.raw.elementCount
      columns.append(plan.isStandardized ? end..<end + width : nil)
      if plan.isStandardized { end += width }
    }
    self.columns = columns
    self.space = Self.space(leaves.map(\.shown), configuration)
    raw = RowLayout(space)
    frame = RowLayout(Space(leaves.map(\.frame)))
    shown = RowLayout(self.space)
  }

  /// Columns of the statistics.
  var columnCount: Int { columns.compactMap { $0?.upperBound }.max() ?? 0 }

  private static func check(
    _ space: Space, _ leaves: [LeafPlan], _ configuration: WrapperConfiguration, _ timeLimit: Int?
  ) throws(ConfigurationError) {
    let isChanged = configuration.normalizeObservation || configuration.observationLimit != nil
    if isChanged, !leaves.contains(where: \.isStandardized) {
      throw ConfigurationError(
        field: configuration.normalizeObservation ? "normalizeObservation" : "clipObservation",
        reason: "there are no numbers in the observation \(space): only Box leaves that are no "
          + "pictures of bytes are changed; leave it out")
    }
    if configuration.timeAware, timeLimit == nil {
      throw ConfigurationError(
        field: "timeAware",
        reason: "the environment has no time limit: give one (--max-episode-steps), or leave it out"
      )
    }
    for leaf in leaves {
      let (count, isTooLarge) = leaf.frame.elementCount.multipliedReportingOverflow(
        by: configuration.frameStack)
      guard !isTooLarge, count <= elementLimit else {
        throw ConfigurationError(
          field: "frameStack",
          reason: "a leaf of \(leaf.frame.elementCount) elements becomes too large")
      }
    }
  }

  /// The most elements of a leaf.
  private static let elementLimit = 1 << 24

  /// The leaves, with one for the time if it is shown.
  private static func space(_ leaves: [Leaf], _ configuration: WrapperConfiguration) -> Space {
    guard configuration.timeAware else { return Space(leaves) }
    var leaves = leaves
    if leaves.count == 1, leaves[0].name.isEmpty { leaves[0].name = "observation" }
    var name = "time"
    while leaves.contains(where: { $0.name == name }) { name += "_" }
    let time = Leaf(name: name, kind: .box(low: [0], high: [1]), element: .f32, shape: [1])
    return Space(leaves + [time])
  }
}

extension RowLayout {
  /// Where leaf `index` lies.
  func place(_ index: Int) -> RowField {
    RowField(offset: fields[index].offset, rowBytes: rowBytes)
  }
}

extension Element {
  /// How the kernels read the stored element.
  var kernel: StoredElement {
    switch self {
    case .f32, .f64: .f32
    case .u8, .bool: .u8
    case .i8: .i8
    case .u16: .u16
    case .i16: .i16
    case .u32: .u32
    case .i32: .i32
    case .i64: .i64
    }
  }
}
