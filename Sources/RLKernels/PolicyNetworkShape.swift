internal import CKernels

/// A policy and a value network over the same observations, and how their results are read.
public struct PolicyNetworkShape: Sendable {
  /// How an observation becomes the networks' input.
  public let fields: [EncodedField]
  /// The policy's layers.
  public let actor: DenseStack
  /// The value's layers; `nil` where the value is the policy's column behind the head's.
  public let critic: DenseStack?
  public let head: HeadShape

  fileprivate let fieldCodes: [ck_field]
  fileprivate let layerCodes: [ck_layer]  // the policy's, then the value's

  public init(
    fields: [EncodedField], actor: DenseStack, critic: DenseStack?, head: HeadShape
  ) {
    let last = actor.layers[actor.layers.count - 1]
    precondition(last.outputs >= head.outputs + (critic == nil ? 1 : 0), "\(last.outputs) outputs")
    precondition(
      critic.map { $0.layers[0].inputs == actor.layers[0].inputs } ?? true, "two inputs")
    precondition(
      fields.allSatisfy { $0.column >= 0 && $0.columnEnd <= actor.inputStride }, "column outside")
    precondition(
      head.controls != .gsde || head.controlCount == 0 || head.latentWidth == last.inputs,
      "a latent of \(last.inputs), not \(head.latentWidth)")
    self.fields = fields
    self.actor = actor
    self.critic = critic
    self.head = head
    fieldCodes = fields.map(\.code)
    layerCodes = (actor.layers + (critic?.layers ?? [])).map(\.code)
  }

  /// Floats of the networks' parameters, which come first in their array.
  public var parameterCount: Int {
    max(actor.parameterRange.upperBound, critic?.parameterRange.upperBound ?? 0)
  }

  /// Floats of the gradient at what the head's free parameters make: `[C]` log-stds, or
  /// `[C, latentStride]` of gSDE.
  public var spreadCount: Int {
    switch head.controls {
    case .gaussian: head.controlCount
    case .gsde: head.controlCount * head.latentStride
    case .stateDependentGaussian, .beta: 0
    }
  }

  /// Numbers of both networks' transposed weights.
  var transposedCount: Int { actor.transposedCount + (critic?.transposedCount ?? 0) }

  /// Vectors that a pass over a shard works in.
  var shardVectors: Int {
    var bytes = 0
    unsafe withNetworks {
      var code = unsafe $0
      unsafe bytes = ck_shard_bytes(&code)
    }
    return (bytes + 63) / 64
  }

  /// Networks and head as the kernels read them, all else 0, for the time of `body`.
  fileprivate func withNetworks(_ body: (ck_minibatch) -> Void) {
    unsafe head.withCode { head in
      unsafe fieldCodes.withUnsafeBufferPointer { fields in
        unsafe layerCodes.withUnsafeBufferPointer { layers in
          var code = unsafe ck_minibatch()
          unsafe code.head = head
          unsafe code.fields = fields.baseAddress
          unsafe code.field_count = fields.count
          unsafe code.latent_stride = self.head.latentStride
          unsafe code.actor.layers = layers.baseAddress
          unsafe code.actor.count = actor.layers.count
          unsafe code.actor.hidden_columns = actor.hiddenStride
          if let critic {
            unsafe code.critic.layers = layers.baseAddress.map { unsafe $0 + actor.layers.count }
            unsafe code.critic.count = critic.layers.count
            unsafe code.critic.hidden_columns = critic.hiddenStride
          }
          unsafe body(code)
        }
      }
    }
  }
}

/// Whether the value has a network of its own that costs about as much as the policy's: then
/// `policyGradient` gives each of two threads a network to itself.
public func hasEqualSides(_ actor: DenseStack, _ critic: DenseStack?) -> Bool {
  guard let critic else { return false }
  let counts = (actor.parameterCount, critic.parameterCount)
  return 4 * max(counts.0, counts.1) <= 5 * min(counts.0, counts.1)
}

/// Everything that a pass reads but its loss and the transposed weights, for the time of `body`.
func withCode(
  _ shape: PolicyNetworkShape, _ minibatch: PolicyMinibatch, _ advantages: [Float],
  _ parameters: [Float], _ logStd: [Float], _ stdSquares: [Float],
  _ body: (ck_minibatch) -> Void
) {
  unsafe shape.withNetworks { networks in
    unsafe withAddresses(
      minibatch.observations, minibatch.choices, minibatch.controls, minibatch.masks
    ) { observations, choices, controls, masks in
      unsafe withAddresses(
        minibatch.logProbabilities, minibatch.returns, minibatch.values, minibatch.order
      ) { logProbabilities, returns, values, order in
        unsafe withAddresses(advantages, parameters, logStd, stdSquares) {
          var code = unsafe networks
          unsafe code.observations = observations
          unsafe code.row_bytes = minibatch.rowBytes
          unsafe code.choices = choices
          unsafe code.controls = controls
          unsafe code.masks = masks
          unsafe code.log_probabilities = logProbabilities
          unsafe code.returns = returns
          unsafe code.values = values
          unsafe code.index = order.map { unsafe $0 + minibatch.places.lowerBound }
          unsafe code.rows = minibatch.places.count
          unsafe (code.advantages, code.parameters) = unsafe ($0, $1)
          unsafe (code.log_std, code.std_squares) = unsafe ($2, $3)
          unsafe body(code)
        }
      }
    }
  }
}

/// The rows of a minibatch cut into groups of shards; the same for every number of threads.
struct ShardGroups {
  private static let shard = Int(CK_SHARD)

  let rows: Int
  private let size: Int

  /// At least two shards in each, so that the sum over groups is little beside them.
  init(rows: Int) {
    let shards = (rows + Self.shard - 1) / Self.shard
    self.rows = rows
    size = max(2, (shards + Self.limit - 1) / Self.limit) * Self.shard
  }

  private static let limit = 8

  /// The most groups of a minibatch of up to `rows` rows.
  static func most(rows: Int) -> Int {
    let two = 2 * shard
    return min(limit, (rows + two - 1) / two)
  }

  var count: Int { (rows + size - 1) / size }

  subscript(group: Int) -> Range<Int> { group * size..<min((group + 1) * size, rows) }
}
