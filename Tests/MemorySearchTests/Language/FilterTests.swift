import JSON
import MemorySearch
import Testing

/// `filter_by` as TypeSense documents it.
@Suite struct FilterTests {
    static var shelf: MemoryShelf {
        MemoryShelf([
            [
                "id": "a", "namespace": "shop", "key": "Shoe", "content_text": "Running Shoes, Men", "importance": 0.2,
                "tags": ["Rock", "Pop"], "created_at": "2026-01-10T00:00:00.000Z", "recall_count": 5,
                "value": ["category": "Shoe", "size": 40, "in_stock": true], "source": ["role": "user", "seq": 3],
            ],
            [
                "id": "b", "namespace": "shop", "key": "rack", "content_text": "Shoe Rack", "importance": 0.5,
                "tags": ["Rock", "Acoustic"], "created_at": "2026-02-10T00:00:00.000Z", "recall_count": 50,
                "value": ["category": "Shoe Rack", "size": -2, "in_stock": false],
            ],
            [
                "id": "c", "namespace": "music", "content_text": "Sneaker (Men)", "importance": 0.9,
                "created_at": "2026-03-10T00:00:00.000Z", "recall_count": 140,
                "value": ["category": "Outdoor Shoe", "size": 41.5], "metadata": ["author": "JK Rowling"],
            ],
            [
                "id": "d", "namespace": "music", "content_text": "Pasta", "importance": 1,
                "value": [
                    "items": [["name": "cheese", "amount": 40], ["name": "spinach", "amount": 10]],
                    "author": "Gilbert Patten",
                ],
            ],
        ])
    }

    @Test(arguments: [
        ("value.category:Shoe", "abc"), ("value.category:=Shoe", "a"), ("value.category:=shoe", "a"),
        ("value.category: [Shoe, Rack]", "abc"), ("value.category:=[Shoe, `Shoe Rack`]", "ab"),
        ("value.category:!=Shoe", "bcd"), ("value.category:! rack", "acd"),
        ("value.category:!=[Shoe, Shoe Rack]", "cd"),
        ("value.category:Rack Shoe", "b"), ("key:=Shoe", "a"), ("key:=shoe", ""), ("key:shoe", "a"),
        ("content_text:= `Running Shoes, Men`", "a"), ("content_text:=`Sneaker (Men)`", "c"),
        ("metadata.author:=JK Rowling", "c"), ("metadata.author:!=JK Rowling", "abd"), ("id:!=[a, b]", "cd"),
        ("recall_count:<50", "a"), ("recall_count:<=50", "ab"), ("recall_count:>50", "c"), ("recall_count:>=50", "bc"),
        ("recall_count:50", "b"), ("recall_count:=50", "b"), ("recall_count:!=50", "acd"),
        ("recall_count:[10..100]", "b"), ("recall_count:[<10, >100]", "ac"), ("recall_count:[5..50, 140]", "abc"),
        ("recall_count:!=[5, 140]", "bd"), ("value.size:[-5..-1]", "b"), ("value.size:41.5", "c"),
        ("value.size:[40..41.5]", "ac"), ("value.size:-2", "b"), ("importance:>0.4 && namespace:=shop", "b"),
        ("namespace:=shop || importance:>=1", "abd"), ("(namespace:=shop || id:=c) && recall_count:>10", "bc"),
        ("id:=a || id:=b && namespace:=music", "a"), ("tags:=[Rock, Pop]", "ab"), ("tags:=Rock && tags:=Acoustic", "b"),
        ("value.in_stock:true", "a"), ("value.in_stock:=false", "b"), ("value.in_stock:!=true", "bcd"),
        ("content_text: Sne*", "c"), ("value.category: Outd*", "c"), ("value.category := S*", "ab"),
        ("value.category:Sho Ra*", ""), ("value.category:Shoe Ra*", "b"), ("source.role:user", "a"),
        ("source.seq:>=3", "a"), ("created_at:>2026-01-31", "bc"), ("created_at:<=2026-02-10T00:00:00Z", "ab"),
        ("created_at:[2026-02-01..2026-02-28]", "b"), ("created_at:>1770681599999", "bc"), ("tags:*", "ab"),
        ("value.items.{name:=cheese && amount:<30}", ""), ("value.items.{name:=cheese && amount:>30}", "d"),
        ("value.items.name:=cheese && value.items.amount:<30", "d"), ("value:gilbert", "d"), ("  ", "abcd"),
    ])
    func selects(filter: String, expected: String) throws {
        #expect(try Self.shelf.ids(["q": "*", "filter_by": .string(filter)]).sorted().joined() == expected)
    }

    @Test(arguments: [
        ("", -1, ""), ("nothing:=1", 0, "a field of a memory"), ("id", 2, "':'"), ("id:", 3, "a value"),
        ("id:=a &&", 8, "a field"), ("id:=a && ||", 9, "a field"), ("(id:=a", 6, "')'"), ("id:=a)", 5, "&&, || or"),
        ("id:=[a", 6, "',' or ']'"), ("id:=[]", 5, "a value"), ("id:=`a", 6, "backtick"),
        ("importance:abc", 11, "a number"),
        ("id:>5", 4, "is no number"), ("importance:[1..x]", 12, "a number"), ("created_at:yesterday", 11, "a time"),
        ("id:=a (b)", 6, "backticks"), ("created_at:2026-02-30", 11, "a time"), ("id.{x:=1}", 0, "holds objects"),
        ("é:=1", 0, "a field of a memory"), ("id:=é && x:=1", 10, "a field of a memory"),
    ])
    func tellsWhereAnErrorIs(filter: String, offset: Int, expected: String) throws {
        guard offset >= 0 else { return #expect(try FilterParser.parse(filter) == nil) }
        let error = #expect(throws: SearchError.self) { try FilterParser.parse(filter) }
        #expect(error?.reason == .invalid && error?.parameter == "filter_by")
        #expect(error?.offset == offset, "\(error?.description ?? "")")
        #expect(error?.expected.contains(expected) == true, "\(error?.description ?? "")")
    }

    @Test(arguments: ["$Customers(id:=1)", "namespace:(48.8, 2.3, 5 km)"])
    func whatIsNotThereIsNamed(filter: String) {
        let error = #expect(throws: SearchError.self) { try FilterParser.parse(filter) }
        #expect(error?.reason == .unsupported)
    }

    @Test func pushesDownWhatColumnsCanTell() throws {
        let text = "namespace:=[a, b] && (key:=k && tags:=x) && importance:>=0.5 && created_at:[2026-01-01..2026-01-02]"
        let down = FilterPushdown(try FilterParser.parse(text))
        #expect(down.namespaces == ["a", "b"] && down.keys == ["k"] && down.tags == [["x"]] && down.isComplete)
        #expect(down.importance.low == 0.5 && down.importance.high == nil)
        #expect(down.createdAt.low == 1_767_225_600_000 && down.createdAt.high == 1_767_312_000_000)
        let rest = FilterPushdown(try FilterParser.parse("namespace:=a && (key:=k || id:=x) && tags:!=y"))
        #expect(rest.namespaces == ["a"] && rest.keys == nil && rest.tags == [] && !rest.isComplete)
    }

    // MARK: Against a naive reading

    struct Dice: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }

    /// A random filter, and what it means.
    static func filter(_ depth: Int, _ dice: inout Dice) -> (text: String, holds: (JSONObject) -> Bool) {
        if depth > 0, Bool.random(using: &dice) {
            let (left, right) = (filter(depth - 1, &dice), filter(depth - 1, &dice))
            if Bool.random(using: &dice) {
                return ("(\(left.text) && \(right.text))", { left.holds($0) && right.holds($0) })
            }
            return ("(\(left.text) || \(right.text))", { left.holds($0) || right.holds($0) })
        }
        let number = Int64.random(in: -3...3, using: &dice)
        let word = ["red", "green", "blue"].randomElement(using: &dice) ?? "red"
        func count(_ object: JSONObject) -> Int64? { object["recall_count"]?.intValue.map(Int64.init) }
        func tags(_ object: JSONObject) -> [String] {
            object["tags"]?.arrayValue?.compactMap(\.stringValue) ?? []
        }
        switch Int.random(in: 0..<7, using: &dice) {
        case 0: return ("recall_count:>\(number)", { count($0).map { $0 > number } ?? false })
        case 1:
            return ("recall_count:[\(number)..2, 3]", { count($0).map { $0 >= number && $0 <= 2 || $0 == 3 } ?? false })
        case 2: return ("recall_count:!=\(number)", { count($0) != number })
        case 3: return ("tags:=[\(word), none]", { tags($0).contains(word) })
        case 4: return ("tags:!=\(word)", { !tags($0).contains(word) })
        case 5: return ("value.a.b:=\(word)", { $0["value"]?["a"]?["b"]?.stringValue == word })
        default:
            return (
                "content_text: \(word)",
                { $0["content_text"]?.stringValue?.split(separator: " ").contains(Substring(word)) ?? false }
            )
        }
    }

    static func document(_ dice: inout Dice) -> JSONObject {
        let words = ["red", "green", "blue", "grey"]
        var object = JSONObject()
        if Int.random(in: 0..<4, using: &dice) > 0 { object["recall_count"] = .int(.random(in: -3...3, using: &dice)) }
        object["tags"] = .array(words.filter { _ in Bool.random(using: &dice) }.map(JSON.string))
        object["content_text"] = .string(words.shuffled(using: &dice).prefix(2).joined(separator: " "))
        if Bool.random(using: &dice) {
            object["value"] = ["a": ["b": .string(words.randomElement(using: &dice) ?? "")]]
        }
        return object
    }

    @Test func agreesWithANaiveReading() throws {
        var dice = Dice(state: 7)
        var evaluation = FilterEvaluation()
        var passed = 0
        for _ in 0..<2_000 {
            let (text, holds) = Self.filter(3, &dice)
            let parsed = try #require(try FilterParser.parse(text))
            let document = MemoryDocument(number: 1, object: Self.document(&dice))
            let passes = evaluation.matches(parsed, document)
            #expect(passes == holds(document.object), "\(text) on \(document.object)")
            if passes {
                passed += 1
                #expect(MemoryShelf.fulfils(document, FilterPushdown(parsed)), "\(text)")
            }
        }
        #expect((400...1_800).contains(passed))
    }
}
