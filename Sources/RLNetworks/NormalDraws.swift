public import RLCore

extension RandomStream {
  /// A draw from the standard normal distribution: the polar method (Marsaglia & Bray 1964), with
  /// arithmetic of our own so that the bits are the same everywhere.
  public mutating func normal() -> Double {
    while true {
      let x = 2 * uniformDouble() - 1
      let y = 2 * uniformDouble() - 1
      let square = x * x + y * y
      if square > 0 && square < 1 {
        return x * (-2 * naturalLogarithm(square) / square).squareRoot()
      }
    }
  }
}

/// ln x of a positive normal number, to a few units in the last place:
/// ln(2^n f) = n ln 2 + 2 artanh((f - 1) / (f + 1)), f from sqrt(1/2) to sqrt(2).
func naturalLogarithm(_ x: Double) -> Double {
  var exponent = Double(x.exponent)
  var fraction = x.significand
  if fraction > 1.414_213_562_373_095_1 {
    fraction /= 2
    exponent += 1
  }
  let s = (fraction - 1) / (fraction + 1)
  let square = s * s
  // artanh s = s + s^3 / 3 + s^5 / 5 ...; the last term is below 2^-53 of the first at |s| = 0.172
  var series = 0.0
  for power in stride(from: 21, through: 3, by: -2) {
    series = (series + 1 / Double(power)) * square
  }
  return exponent * 0.693_147_180_559_945_3 + 2 * s * (1 + series)
}
