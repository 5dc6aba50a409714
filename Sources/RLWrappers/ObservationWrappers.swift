import RLCore
import RLKernels

/// Turns an environment's rows of observations into those that a policy sees: normalised, clipped,
/// stacked, with the time.
struct ObservationWrappers: Sendable {
  let plan: ObservationPlan
  /// Of the numbers that are normalised; `nil` where none are.
  private(set) var moments: RunningMoments?
  private var mean: [Double]  // what is taken off each column
  private var scale: [Double]  // the factor after that
  private let limit: Float
  private let epsilon: Double
  private var frame: [UInt8]  // [N, F] normalised, where frames are stacked
  private var times: [Float]  // [N] shares of the time limit
  private var batchMean: [Double]
  private var batchSquares: [Double]
  private var work: [Double]

  /// - Parameters:
  ///   - plan: the spaces.
  ///   - configuration: the constants.
  ///   - lanes: N, the most rows.
  init(_ plan: ObservationPlan, _ configuration: WrapperConfiguration, lanes: Int) {
    self.plan = plan
    let columns = plan.columnCount
    moments = configuration.normalizeObservation ? RunningMoments(columns: columns) : nil
    epsilon = configuration.epsilon
    limit = configuration.observationLimit.map { Float($0) } ?? .greatestFiniteMagnitude
    mean = Array(repeating: 0, count: columns)
    scale = Array(repeating: 1, count: columns)
    let needsFrame = plan.frames > 1 && columns > 0
    frame = needsFrame ? Array(repeating: 0, count: lanes * plan.frame.rowBytes) : []
    times = Array(repeating: 0, count: plan.timeLimit == nil ? 0 : lanes)
    batchMean = mean
    batchSquares = mean
    work = Array(repeating: 0, count: 8 * columns)
    prepare()
  }

  /// Continues with statistics from elsewhere.
  mutating func adopt(_ moments: RunningMoments) {
    self.moments = moments
    prepare()
  }

  /// Takes the chosen rows into the statistics.
  mutating func learn(_ rows: [UInt8], _ choice: RowChoice) {
    guard moments != nil, choice.count > 0 else { return }
    for (index, columns) in plan.columns.enumerated() {
      guard let columns else { continue }
      columnMoments(
        plan.leaves[index].raw.element.kernel, at: plan.raw.place(index), of: rows, choice,
        columns: columns, mean: &batchMean, squares: &batchSquares, work: &work)
    }
    moments?.join(rows: choice.count, mean: batchMean, squares: batchSquares)
    prepare()
  }

  /// Shows the chosen rows as the first of their episodes: stacks hold them alone.
  mutating func begin(_ rows: [UInt8], _ choice: RowChoice, into shown: inout [UInt8]) {
    for index in plan.leaves.indices { show(index, rows, choice, after: nil, &shown) }
    guard plan.timeLimit != nil else { return }
    for position in 0..<choice.count { times[choice.lane(position)] = 0 }
    storeTimes(choice, &shown)
  }

  /// Shows the chosen rows as successors of `current`.
  ///
  /// `elapsed` tells the environment steps of each lane's episode; it is read where the time is
  /// shown.
  mutating func follow(
    _ rows: [UInt8], _ choice: RowChoice, after current: [UInt8], elapsed: [Int],
    into shown: inout [UInt8]
  ) {
    for index in plan.leaves.indices { show(index, rows, choice, after: current, &shown) }
    guard let limit = plan.timeLimit else { return }
    for position in 0..<choice.count {
      let lane = choice.lane(position)
      times[lane] = Float(min(1, Double(elapsed[lane]) / Double(limit)))
    }
    storeTimes(choice, &shown)
  }

  private mutating func show(
    _ index: Int, _ rows: [UInt8], _ choice: RowChoice, after current: [UInt8]?,
    _ shown: inout [UInt8]
  ) {
    let leaf = plan.leaves[index]
    let (raw, place) = (plan.raw.place(index), plan.shown.place(index))
    guard plan.frames > 1 else {
      guard let columns = plan.columns[index] else {
        return copyField(
          raw, of: rows, choice, bytes: plan.raw.fields[index].byteCount, into: &shown, at: place)
      }
      return standardize(
        leaf.raw.element.kernel, at: raw, of: rows, choice, columns: columns, mean: mean,
        scale: scale, limit: limit, into: &shown, at: place)
    }
    let stack = FrameField(
      place, outer: leaf.outer, frames: plan.frames,
      bytes: leaf.inner * leaf.frame.element.stored.byteCount)
    guard let columns = plan.columns[index] else {
      return pushFrame(raw, of: rows, choice, after: current, into: &shown, at: stack)
    }
    let own = plan.frame.place(index)
    standardize(
      leaf.raw.element.kernel, at: raw, of: rows, choice, columns: columns, mean: mean,
      scale: scale, limit: limit, into: &frame, at: own)
    pushFrame(own, of: frame, choice, after: current, into: &shown, at: stack)
  }

  private mutating func storeTimes(_ choice: RowChoice, _ shown: inout [UInt8]) {
    storeColumn(times, choice, into: &shown, at: plan.shown.place(plan.leaves.count))
  }

  /// Makes the factors from the statistics.
  private mutating func prepare() {
    guard let moments else { return }
    for k in mean.indices {
      mean[k] = moments.mean[k]
      scale[k] = 1 / (moments.variance[k] + epsilon).squareRoot()
    }
  }
}
