import RLCore
import Testing

@Suite struct SpaceTests {
  private let mixed = Space([
    Leaf(name: "flag", kind: .box(low: [0], high: [255]), element: .u8, shape: [3]),
    Leaf(name: "angle", kind: .box(low: [-1], high: [1]), element: .f64, shape: [2]),
    Leaf(name: "room", kind: .discrete(count: 5, start: 1), element: .i64),
    Leaf(name: "doors", kind: .multiBinary, element: .bool, shape: [2, 2]),
    Leaf(
      name: "dials", kind: .multiDiscrete(counts: [3, 4], starts: [0, -1]), element: .i32,
      shape: [2]),
  ])

  @Test func everyLeafOfARowIsAlignedToItsStoredElement() {
    let layout = RowLayout(mixed)
    #expect(layout.fields.map(\.offset) == [0, 4, 16, 24, 28])
    #expect(layout.rowBytes == 40)
    for field in layout.fields {
      #expect(field.offset % field.leaf.element.stored.byteCount == 0)
    }
  }

  @Test func cartPolesRowIsSixteenBytes() {
    let space = Space([
      Leaf(
        kind: .box(low: [-1, -1, -1, -1], high: [1, 1, 1, 1]), element: .f32, shape: [4])
    ])
    #expect(RowLayout(space).rowBytes == 16)
    #expect(space.encodedWidth == 4)
  }

  @Test func choicesAreEncodedOneHot() { #expect(mixed.encodedWidth == 3 + 2 + 5 + 4 + 7) }

  @Test func actionsComeApartIntoChoicesAndControls() {
    let action = ActionSpace(
      Space([
        Leaf(name: "a", kind: .discrete(count: 3, start: 2), element: .i32, isMasked: true),
        Leaf(name: "b", kind: .box(low: [-1, 0], high: [1, 2]), element: .f32, shape: [2]),
        Leaf(name: "c", kind: .multiBinary, element: .u8, shape: [2]),
      ]))
    #expect(action.choices.map(\.count) == [3, 2, 2])
    #expect(action.choices[0].start == 2)
    #expect(action.low == [-1, 0])
    #expect(action.high == [1, 2])
    #expect(action.maskLength == 3)
  }

  @Test func descriptionsNameKindsAndBounds() {
    #expect("\(mixed)".hasPrefix("Dict(flag: Box(3) u8 [0.0, 255.0], angle: Box(2) f64"))
    #expect("\(Space([Leaf(kind: .discrete(count: 2, start: 0), element: .i32)]))" == "Discrete(2)")
  }
}
