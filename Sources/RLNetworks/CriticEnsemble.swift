public import RLCore
import RLKernels
public import RLParallel

/// One or several critics of the same observations and actions, each learning from the same targets;
/// their passes run side by side, a critic on each thread.
///
/// Two of them, of which the lesser value counts, are the clipped double Q-learning of Fujimoto et
/// al. 2018 (section 4.2).
public struct CriticEnsemble: Sendable {
  public internal(set) var members: [Critic]
  /// Columns of the encoded observation, before those of the action.
  public let observationWidth: Int
  /// C, columns of the action.
  public let controls: Int
  /// B, rows of every pass.
  public let batchSize: Int
  private var owners: [UInt8]  // [B] the critic whose value of the row counts

  /// Critics with fresh weights and biases, uniform in ±1/sqrt(inputs); targets are copies.
  ///
  /// - Parameters:
  ///   - count: how many critics.
  ///   - observationWidth: numbers in an encoded observation.
  ///   - controls: C.
  ///   - hidden: widths of the hidden layers.
  ///   - activation: of the hidden layers.
  ///   - learningRate: at first.
  ///   - batchSize: B.
  ///   - random: where the weights are drawn from.
  public init(
    count: Int, observationWidth: Int, controls: Int, hidden: [Int], activation: Activation,
    learningRate: Float, batchSize: Int, random: inout RandomStream
  ) {
    precondition(
      (1...255).contains(count) && batchSize > 0, "\(count) critics for \(batchSize) rows")
    owners = Array(repeating: 0, count: batchSize)
    self.observationWidth = observationWidth
    self.controls = controls
    self.batchSize = batchSize
    members = []
    for _ in 0..<count {
      members.append(
        Critic(
          inputs: observationWidth + controls, hidden: hidden, activation: activation,
          learningRate: learningRate, batchSize: batchSize, random: &random))
    }
  }

  /// Encodes the observations s of a batch, rows `indices` of `ring`.
  public mutating func setObservations(
    _ encoder: ObservationEncoder, gathering indices: [Int32], from ring: [UInt8]
  ) {
    encoder.encode(
      gathering: indices, count: batchSize, from: ring, into: &members[0].tape.input,
      stride: members[0].tape.inputStride)
    for index in members.indices.dropFirst() {
      copy(members[0].tape.input, to: &members[index].tape.input)
    }
  }

  /// Encodes the observations s' of a batch, rows `indices` of `ring`.
  public mutating func setNextObservations(
    _ encoder: ObservationEncoder, gathering indices: [Int32], from ring: [UInt8]
  ) {
    encoder.encode(
      gathering: indices, count: batchSize, from: ring, into: &members[0].nextTape.input,
      stride: members[0].nextTape.inputStride)
    for index in members.indices.dropFirst() {
      copy(members[0].nextTape.input, to: &members[index].nextTape.input)
    }
  }

  /// Sets the actions a beside the observations s.
  ///
  /// - Parameters:
  ///   - actions: `[B or more, C]` from row `first` on, in -1 ... 1.
  ///   - first: the row of `actions` that belongs to row 0.
  public mutating func setActions(_ actions: [Float], from first: Int = 0) {
    for index in members.indices {
      Self.write(
        actions, from: first, rows: batchSize, controls: controls, column: observationWidth,
        to: &members[index].tape)
    }
  }

  /// Sets the actions a' beside the observations s'.
  ///
  /// - Parameters:
  ///   - actions: `[B or more, C]` from row `first` on, in -1 ... 1.
  ///   - first: the row of `actions` that belongs to row 0.
  public mutating func setNextActions(_ actions: [Float], from first: Int = 0) {
    for index in members.indices {
      Self.write(
        actions, from: first, rows: batchSize, controls: controls, column: observationWidth,
        to: &members[index].nextTape)
    }
  }

  /// Static: a method would hold a second reference to the tape, which would then be copied.
  private static func write(
    _ actions: [Float], from first: Int, rows: Int, controls: Int, column: Int, to tape: inout Tape
  ) {
    for b in 0..<rows {
      let start = b * tape.inputStride + column
      for c in 0..<controls { tape.input[start + c] = actions[(first + b) * controls + c] }
    }
  }

  /// Writes the least of the target networks' values of s' and a', `[B]`.
  public mutating func targetValues(into values: inout [Float], pool: WorkerPool) {
    run(.targetValues, pool)
    for b in 0..<batchSize {
      var least = Float.infinity
      for member in members.indices {
        let value = members[member].nextTape.output[b * members[member].nextTape.outputStride]
        least = value < least || value.isNaN ? value : least
      }
      values[b] = least
    }
  }

  /// One gradient step of every critic on the mean of w (Q(s, a) - y)^2, times `step.lossScale`.
  ///
  /// - Parameters:
  ///   - targets: y, `[B]`.
  ///   - weights: w, `[B]`.
  ///   - step: how.
  ///   - pool: the threads; the bits do not depend on their number.
  /// - Returns: the sum of the critics' losses; `nil` when a loss or gradient is not finite.
  public mutating func learn(
    targets: [Float], weights: [Float], _ step: CriticStep, pool: WorkerPool
  ) -> Float? {
    for index in members.indices {
      copy(targets, to: &members[index].targets)
      copy(weights, to: &members[index].weights)
      members[index].step = step
    }
    run(.learning, pool)
    var total: Float = 0
    for index in members.indices {
      guard members[index].isFinite else { return nil }
      total += members[index].loss
    }
    return total
  }

  /// Writes the mean size of the critics' errors of the last `learn`, `[B]`.
  public func copyErrors(into errors: inout [Float]) {
    for b in 0..<batchSize {
      var total: Float = 0
      for index in members.indices { total += abs(members[index].errors[b]) }
      errors[b] = total / Float(members.count)
    }
  }

  /// The value of s and a in row `b` by critic `member`, after `learn` or a pass of values.
  public func value(_ b: Int, of member: Int = 0) -> Float {
    members[member].tape.output[b * members[member].tape.outputStride]
  }

  /// Writes Q of the first critic at s and a, `[B]`, and its slope at each action, `[B, C]`.
  public mutating func firstValues(
    into values: inout [Float], slopes: inout [Float], pool: WorkerPool
  ) {
    members[0].pass = .values
    members[0].run(pool)
    for b in 0..<batchSize {
      values[b] = value(b)
      owners[b] = 0
    }
    members[0].askForSlopes(of: owners, 0)
    members[0].pass = .actionSlopes
    members[0].run(pool)
    takeSlopes(of: 0, into: &slopes)
  }

  /// Writes the least Q at s and a, `[B]`, and its slope at each action, `[B, C]`; where critics
  /// agree, the first one's. A row goes back through the critic alone whose value is the least.
  public mutating func leastValues(
    into values: inout [Float], slopes: inout [Float], pool: WorkerPool
  ) {
    run(.values, pool)
    for b in 0..<batchSize {
      values[b] = value(b)
      owners[b] = 0
    }
    for member in members.indices.dropFirst() {
      for b in 0..<batchSize where value(b, of: member) < values[b] {
        values[b] = value(b, of: member)
        owners[b] = UInt8(member)
      }
    }
    for member in members.indices { members[member].askForSlopes(of: owners, UInt8(member)) }
    findSlopes(pool)
    for member in members.indices { takeSlopes(of: member, into: &slopes) }
  }

  /// A critic on each thread, unless most rows are of one: then all threads share each critic's.
  private mutating func findSlopes(_ pool: WorkerPool) {
    let most = members.reduce(0) { max($0, $1.slopeCount) }
    guard 3 * most > 2 * batchSize else { return run(.actionSlopes, pool) }
    for index in members.indices {
      members[index].pass = .actionSlopes
      members[index].run(pool)
    }
  }

  private func takeSlopes(of member: Int, into slopes: inout [Float]) {
    let stride = members[member].tape.inputStride
    for i in 0..<members[member].slopeCount {
      let (row, start) = (Int(members[member].slopeRows[i]), i * stride + observationWidth)
      for c in 0..<controls {
        slopes[row * controls + c] = members[member].tape.inputGradient[start + c]
      }
    }
  }

  private mutating func run(_ pass: Critic.Pass, _ pool: WorkerPool) {
    for index in members.indices { members[index].pass = pass }
    runSideBySide(&members, pool: pool)
  }
}
