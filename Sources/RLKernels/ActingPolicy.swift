internal import CKernels

/// A policy as the kernels that act read it.
///
/// A class, to be handed around as one reference: counting the references of all its arrays would
/// cost as much as acting on some rows does.
final class ActingPolicy: Sendable {
  private let controls: HeadShape.Controls
  private let choices: ChoiceCodes
  private let choiceCount: Int
  private let controlCount: Int
  private let maskLength: Int
  private let controlColumn: Int
  private let outputs: Int
  private let columns: Int  // of the last layer
  private let latentWidth: Int
  private let fields: [ck_field]
  private let fieldsEnd: Int  // bytes that a row of observations has at least
  private let layers: [ck_layer]
  private let hiddenStride: Int
  private let outputStride: Int
  private let parameterEnd: Int
  private let latentStride: Int

  init(_ shape: PolicyNetworkShape) {
    let head = shape.head
    controls = head.controls
    choices = head.codes
    choiceCount = head.choices.count
    controlCount = head.controlCount
    maskLength = head.maskLength
    controlColumn = head.controlColumn
    outputs = head.outputs
    columns = shape.actor.layers[shape.actor.layers.count - 1].outputs
    latentWidth = head.latentWidth
    fields = shape.fields.map(\.code)
    fieldsEnd = shape.fields.reduce(0) { max($0, $1.byteEnd) }
    layers = shape.actor.layers.map(\.code)
    hiddenStride = shape.actor.hiddenStride
    outputStride = shape.actor.outputStride
    parameterEnd = shape.actor.parameterRange.upperBound
    latentStride = head.latentStride
    precondition(shape.fields.allSatisfy { $0.offset >= 0 }, "field before the row")
  }

  private var drawsBeta: Bool { controls == .beta && controlCount > 0 }

  /// Words that a row draws.
  func words(hasNoise: Bool) -> Int {
    choiceCount + (drawsBeta || hasNoise ? 0 : controlCount)
  }

  /// Vectors that a thread works in.
  var vectors: Int {
    var bytes = 0
    unsafe withCode {
      var code = unsafe $0
      unsafe bytes = ck_acting_bytes(&code)
    }
    return (bytes + 63) / 64
  }

  /// The policy, all else 0, for the time of `body`.
  func withCode(_ body: (ck_acting) -> Void) {
    unsafe choices.values.withUnsafeBufferPointer { choices in
      unsafe fields.withUnsafeBufferPointer { fields in
        unsafe layers.withUnsafeBufferPointer { layers in
          var code = unsafe ck_acting()
          unsafe code.head = ck_head(
            choices: choices.baseAddress, choice_count: choiceCount, mask_length: maskLength,
            kind: controls.code, control_count: controlCount, column: controlColumn,
            outputs: outputs, latent_width: latentWidth)
          unsafe code.fields = fields.baseAddress
          unsafe code.field_count = fields.count
          unsafe code.latent_stride = latentStride
          unsafe code.policy.layers = layers.baseAddress
          unsafe code.policy.count = layers.count
          unsafe code.policy.hidden_columns = hiddenStride
          unsafe body(code)
        }
      }
    }
  }

  /// Stops unless there is enough of everything that is read.
  func check(
    rows: Int, rowBytes: Int, masks: Int, parameters: Int, logStd: Int, stdSquares: Int, noise: Int
  ) {
    let width = controlCount * latentStride
    precondition(fieldsEnd <= rowBytes, "field outside row")
    precondition(masks == 0 || masks >= rows * maskLength, "masks is not [rows, M]")
    precondition(parameters >= parameterEnd, "too few parameters")
    precondition(controls != .gaussian || logStd == controlCount, "logStd is not [C]")
    precondition(controls != .gsde || stdSquares >= width, "stdSquares is not [C, L]")
    precondition(
      noise == 0 || controls == .gsde && noise >= rows * width, "noise is not [rows, C, L]")
  }

  /// Stops unless there is room for everything that is written.
  func check(rows: Int, choices: Int, controls: Int, values: Int, outputs: Int) {
    precondition(choices >= rows * choiceCount, "choices is not [rows, D]")
    precondition(controls >= rows * controlCount, "controls is not [rows, C]")
    precondition(values == 0 || values >= rows, "values are not [rows]")
    precondition(values == 0 || columns > self.outputs, "the policy's network gives no value")
    precondition(
      outputs == 0 ? !drawsBeta : outputs >= rows * outputStride,
      "outputs is not [rows, outputStride]")
  }
}
