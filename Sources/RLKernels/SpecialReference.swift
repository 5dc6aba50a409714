/// One number's exponential or logarithm, by the kernels that are tested on their own.
func reference(_ function: ElementFunction, _ x: Float) -> Float {
  var values = [x]
  apply(function, to: &values)
  return values[0]
}

/// ln(1 + x) for x from 0 to 1.
func logOnePlusReference(_ x: Float) -> Float {
  let y = 1 + x
  return reference(.log, y) + (x - (y - 1)) / y
}

func softplusReference(_ x: Float) -> Float {
  (x < 0 ? 0 : x) + logOnePlusReference(reference(.exp, -abs(x)))
}

func sigmoidReference(_ x: Float) -> Float {
  let e = reference(.exp, -abs(x))
  return (x < 0 ? e : 1) / (1 + e)
}

/// What `fillNormals` makes of a word; equal to it in every bit.
package func normalReference(_ word: UInt32) -> Float {
  let isAbove = word >= 1 << 31
  let tail = isAbove ? ~word : word
  let centre = UInt32(Int32.max) - tail
  let p = (Float(tail) + 0.5) * 0x1p-32
  let q = (Float(centre) + 0.5) * 0x1p-32
  let size: Float
  if q <= 0.425 {
    let r = Float(0.180625).addingProduct(-q, q)
    let above = polynomial(r, [59.109374720, 159.29113202, 50.434271938, 3.3871327179])
    size = q * above / polynomial(r, [67.187563600, 78.757757664, 17.895169469, 1])
  } else {
    let r = (-reference(.log, p)).squareRoot() - 1.6
    let above = polynomial(r, [0.17023821103, 1.3067284816, 2.7568153900, 1.4234372777])
    size = above / polynomial(r, [0.12021132975, 0.73700164250, 1])
  }
  return isAbove ? size : -size
}

/// Horner's rule with fused steps; the highest power's coefficient first.
private func polynomial(_ x: Float, _ coefficients: [Float]) -> Float {
  coefficients.dropFirst().reduce(coefficients[0]) { $1.addingProduct($0, x) }
}

/// What Stirling's formula leaves of ln Gamma.
func stirlingRestReference(_ x: Float) -> Float {
  let t = 1 / x
  return polynomial(
    t,
    [
      0x1.1f5fap-13, -0x1.4a09ap-11, 0x1.11ca1p-10, -0x1.a629fap-15, -0x1.6b8472p-9,
      -0x1.41fbcep-24, 0x1.555554p-4,
    ]) * t
}

/// ln x - digamma(x).
func digammaRestReference(_ x: Float) -> Float {
  let t = 1 / x
  let p = polynomial(
    t,
    [
      -0x1.0f553ap-12, 0x1.d3566p-10, -0x1.3a621p-8, 0x1.7ed896p-8, -0x1.9afb6p-12,
      -0x1.0fbcbep-7, -0x1.b0d3e2p-20, 0x1.555558p-4,
    ])
  return Float(0.5).addingProduct(p, t) * t
}

func trigammaReference(_ x: Float) -> Float {
  let t = 1 / x
  let p = polynomial(
    t,
    [
      -0x1.1ae4ap-10, 0x1.19bd22p-10, 0x1.4d1766p-7, -0x1.0036ccp-5, 0x1.1a850cp-5,
      -0x1.fc4332p-10, -0x1.0fa4f6p-5, -0x1.90035cp-18, 0x1.55555ap-3,
    ])
  return t.addingProduct(Float(0.5).addingProduct(p, t) * t, t)
}
