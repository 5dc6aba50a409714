internal import CKernels
import RLParallel

/// Rows of a rollout and what is learned from them: what `policyGradient` reads.
///
/// It shares the arrays' storage: let it go before they change.
public struct PolicyMinibatch: Sendable {
  /// `[R, rowBytes]`.
  public var observations: [UInt8]
  public var rowBytes: Int
  /// `[R, D]`, indices from 0.
  public var choices: [Int32]
  /// `[R, C]`, as drawn.
  public var controls: [Float]
  /// `[R, M]`, 0 = forbidden.
  public var masks: [UInt8]
  /// `[R]`, when the actions were drawn.
  public var logProbabilities: [Float]
  /// `[R]`.
  public var advantages: [Float]
  /// `[R]`.
  public var returns: [Float]
  /// `[R or more]`, before the update.
  public var values: [Float]
  /// Places of the minibatch's rows in `order`.
  public var places: Range<Int>
  /// Rows of the rollout, each in `0..<R`.
  public var order: [Int32]
  /// Whether advantages are shifted and scaled to mean 0 and deviation 1 over the minibatch.
  public var normalizesAdvantages: Bool

  public init(
    observations: [UInt8], rowBytes: Int, choices: [Int32], controls: [Float], masks: [UInt8],
    logProbabilities: [Float], advantages: [Float], returns: [Float], values: [Float],
    places: Range<Int>, order: [Int32], normalizesAdvantages: Bool
  ) {
    self.observations = observations
    self.rowBytes = rowBytes
    self.choices = choices
    self.controls = controls
    self.masks = masks
    self.logProbabilities = logProbabilities
    self.advantages = advantages
    self.returns = returns
    self.values = values
    self.places = places
    self.order = order
    self.normalizesAdvantages = normalizesAdvantages
  }

  /// Stops unless everything that `shape` and `fields` read is there.
  func check(_ shape: HeadShape, _ fields: [EncodedField]) {
    let count = logProbabilities.count
    precondition(places.lowerBound >= 0 && places.upperBound <= order.count, "places of no rows")
    precondition(advantages.count == count && returns.count == count, "not [R]")
    precondition(values.count >= count, "values are not [R]")
    precondition(choices.count >= count * shape.choices.count, "choices are not [R, D]")
    precondition(controls.count >= count * shape.controlCount, "controls are not [R, C]")
    precondition(masks.count >= count * shape.maskLength, "masks are not [R, M]")
    precondition(observations.count >= count * rowBytes, "observations are not [R, rowBytes]")
    precondition(
      fields.allSatisfy { $0.offset >= 0 && $0.byteEnd <= rowBytes }, "field outside row")
    var largest: UInt32 = 0
    for place in places { largest = max(largest, UInt32(bitPattern: order[place])) }
    precondition(places.isEmpty || Int(largest) < count, "row \(largest) of \(count)")
  }

  /// Copies the minibatch's advantages to `target`, as they are to be used.
  func gatherAdvantages(into target: inout [Float], pool: WorkerPool, kernels: KernelSet) {
    let (count, start) = (places.count, places.lowerBound)
    precondition(target.count >= count, "no room for \(count) rows")
    unsafe withAddresses(advantages, order) { advantages, order in
      unsafe target.withUnsafeMutableBufferPointer { target in
        guard let advantages = unsafe advantages, let order = unsafe order,
          let target = target.baseAddress
        else { return }
        let pass = unsafe GatherPass(
          ranges: Ranges(total: count), order: order + start, from: advantages, to: target)
        pass.ranges.run(pass, on: pool)
      }
    }
    if normalizesAdvantages { normalize(&target, count: count, kernels: kernels) }
  }
}

/// Rows that were checked to be there.
@safe private struct GatherPass: PoolJob {
  let ranges: Ranges
  let order: UnsafePointer<Int32>
  let from: UnsafePointer<Float>
  let to: UnsafeMutablePointer<Float>

  static let entry: @convention(c) (UnsafeMutableRawPointer?, Int) -> Void = {
    unsafe $0!.assumingMemoryBound(to: GatherPass.self).pointee.run($1)
  }

  func run(_ index: Int) {
    for i in ranges[index] { unsafe to[i] = unsafe from[Int(order[i])] }
  }
}

extension DenseLayer {
  var code: ck_layer {
    ck_layer(
      inputs: inputs, outputs: outputs, input_stride: inputStride, output_stride: outputStride,
      weights: weightOffset, bias: biasOffset, transposed: transposedOffset, hidden: hiddenOffset,
      activation: activation.code)
  }
}

extension EncodedField {
  var code: ck_field {
    switch form {
    case .numbers(let count, let divisor):
      ck_field(
        element: element.code, is_choice: false, offset: offset, column: column, count: count,
        start: 0, divisor: divisor)
    case .choice(let count, let start):
      ck_field(
        element: element.code, is_choice: true, offset: offset, column: column, count: count,
        start: Int64(start), divisor: 1)
    }
  }
}
