internal import CKernels

/// What a policy's outputs mean: a distribution over actions of D choices and C controls.
///
/// A row of outputs holds the columns of one choice after the other, then those of the controls:
/// their C means; or C means and C log-stds; or C numbers behind alpha and C behind beta.
public struct HeadShape: Sendable, Equatable {
  /// One discrete component.
  public enum Choice: Sendable, Equatable {
    /// A softmax over `count` outputs; `mask` is the first of its entries in a row of masks.
    case softmax(count: Int, mask: Int?)
    /// 0 or 1, by one logit.
    case binary

    /// Its columns in a row of outputs.
    public var outputs: Int {
      switch self {
      case .softmax(let count, _): count
      case .binary: 1
      }
    }
  }

  /// The distribution of every control.
  public enum Controls: Sendable, Equatable {
    /// Normal; the log-std is a parameter of the control.
    case gaussian
    /// Normal; the log-std is an output, clamped to -20 ... 2.
    case stateDependentGaussian
    /// Normal with the variance Σ latent² · std² + 1e-6 (Raffin et al. 2021).
    case gsde
    /// Beta with alpha, beta = softplus(output) + 1 (Chou et al. 2017).
    case beta

    var outputsEach: Int {
      switch self {
      case .gaussian, .gsde: 1
      case .stateDependentGaussian, .beta: 2
      }
    }
  }

  public let choices: [Choice]
  public let controls: Controls
  public let controlCount: Int
  /// M, entries of a row of masks.
  public let maskLength: Int
  /// The first output of the controls.
  public let controlColumn: Int
  /// K, columns of a row of outputs.
  public let outputs: Int
  /// L, numbers in a row of gSDE's latent.
  public let latentWidth: Int

  let codes: ChoiceCodes

  /// - Parameters:
  ///   - choices: the D discrete components, in order.
  ///   - maskLength: entries of a row of masks, 0 when nothing is ever forbidden.
  ///   - controls: the distribution of every control.
  ///   - controlCount: C.
  ///   - latentWidth: of the last hidden layer; 0 unless gSDE reads it.
  public init(
    choices: [Choice], maskLength: Int, controls: Controls, controlCount: Int, latentWidth: Int
  ) {
    self.choices = choices
    self.maskLength = maskLength
    self.controls = controls
    self.controlCount = controlCount
    self.latentWidth = latentWidth
    controlColumn = choices.reduce(0) { $0 + $1.outputs }
    outputs = controlColumn + controlCount * controls.outputsEach
    codes = ChoiceCodes(choices, maskLength: maskLength)
  }

  /// Whether drawing an action takes more than a word for each of its parts.
  public var drawsBeta: Bool { controls == .beta && controlCount > 0 }

  /// Floats between gSDE's rows of one control: `latentWidth` padded.
  public var latentStride: Int { padded(latentWidth) }

  func withCode(_ body: (ck_head) -> Void) {
    unsafe codes.values.withUnsafeBufferPointer { choices in
      unsafe body(
        ck_head(
          choices: choices.baseAddress, choice_count: choices.count, mask_length: maskLength,
          kind: controls.code, control_count: controlCount, column: controlColumn,
          outputs: outputs, latent_width: latentWidth))
    }
  }
}

extension HeadShape.Controls {
  var code: ck_control_kind {
    switch self {
    case .gaussian: CK_GAUSSIAN
    case .stateDependentGaussian: CK_STATE_GAUSSIAN
    case .gsde: CK_GSDE
    case .beta: CK_BETA
    }
  }
}

/// The choices as the kernels read them. Made of `HeadShape.choices` alone, so always equal where
/// those are.
struct ChoiceCodes: Sendable, Equatable {
  let values: [ck_choice]

  init(_ choices: [HeadShape.Choice], maskLength: Int) {
    var column = 0
    values = choices.map { choice in
      defer { column += choice.outputs }
      switch choice {
      case .binary: return ck_choice(is_binary: true, count: 1, column: column, mask: -1)
      case .softmax(let count, let mask):
        precondition(count > 0, "a choice among \(count)")
        precondition(mask.map { $0 >= 0 && $0 + count <= maskLength } ?? true, "mask outside row")
        return ck_choice(is_binary: false, count: count, column: column, mask: mask ?? -1)
      }
    }
  }

  static func == (_: ChoiceCodes, _: ChoiceCodes) -> Bool { true }
}
