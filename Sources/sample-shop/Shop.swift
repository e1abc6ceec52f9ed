struct ShopOptions {
    var seed: UInt64 = 1
    var orders = 2400
}

/// Writes the shop: two years of orders from the first of January 2024, growing, with a peak before Christmas, and
/// breaking off on 17 December 2025. Some of it is as untidy as real data: emails and shipping dates that are missing,
/// three orders of a customer who is gone, a category without a description.
func makeShop(at path: String, _ options: ShopOptions) throws {
    let database = try ShopDatabase(creating: path)
    try database.execute(shopSchema)
    var shop = Shop(database: database, random: SeededRandom(seed: options.seed))
    try shop.writeCountries()
    try shop.writeProducts()
    try shop.writeEmployees()
    try shop.writeCustomers(count: max(20, options.orders / 20))
    try shop.writeOrders(count: options.orders)
    try database.finish()
}

private struct Shop {
    let database: ShopDatabase
    var random: SeededRandom
    /// Prices in cents, by product id less one.
    var prices: [Int] = []
    var customers = 0

    mutating func writeCountries() throws {
        for (code, name, region, _) in ShopNames.countries {
            try database.insert(into: "countries", [.text(code), .text(name), .text(region)])
        }
    }

    mutating func writeProducts() throws {
        for (offset, (name, description, products)) in ShopNames.categories.enumerated() {
            let category = Cell.integer(offset + 1)
            try database.insert(into: "categories", [category, .text(name), description.map(Cell.text) ?? .null])
            for (product, cents) in products {
                prices.append(cents)
                let discontinued = random.chance(12)
                let stock = discontinued ? Cell.null : .integer(random.within(0...240))
                try database.insert(
                    into: "products",
                    [
                        .integer(prices.count), .text(product), category, money(cents), stock,
                        .integer(discontinued ? 1 : 0),
                    ])
            }
        }
    }

    mutating func writeEmployees() throws {
        for (offset, (first, last, title, hired)) in ShopNames.employees.enumerated() {
            let reportsTo = offset == 0 ? Cell.null : .integer(1)
            try database.insert(
                into: "employees",
                [.integer(offset + 1), .text(first), .text(last), .text(title), .text(hired), reportsTo])
        }
    }

    mutating func writeCustomers(count: Int) throws {
        customers = count
        for id in 1...count {
            let (code, _, _, cities) = random.pickEarly(ShopNames.countries)
            let last = random.pick(ShopNames.lastNames)
            let name =
                random.chance(40)
                ? "\(random.pick(ShopNames.houses)) \(last)" : "\(random.pick(ShopNames.firstNames)) \(last)"
            let email = random.chance(85) ? Cell.text("customer\(id)@example.com") : .null
            let since = CalendarDay(year: 2019, month: 1, day: 1).adding(random.below(1800))
            try database.insert(
                into: "customers",
                [.integer(id), .text(name), email, .text(random.pick(cities)), .text(code), .text(since.description)])
        }
    }

    mutating func writeOrders(count: Int) throws {
        let first = CalendarDay(year: 2024, month: 1, day: 1)
        let days = orderDays(count: count, over: 717)
        for (offset, day) in days.enumerated() {
            let id = 10_001 + offset
            let date = first.adding(day)
            // The customer of three orders, spread over the years, is gone.
            let gone = offset % max(1, count / 3) == count / 7
            let customer = gone ? customers + 1000 : random.pickEarly(Array(1...customers))
            let shipped =
                day > 708 || random.chance(2) ? Cell.null : .text(date.adding(random.within(1...9)).description)
            let employee = random.chance(4) ? Cell.null : .integer(random.within(1...ShopNames.employees.count))
            try database.insert(
                into: "orders",
                [
                    .integer(id), .integer(customer), employee, .text(date.description), shipped,
                    money(random.within(350...4200)),
                ])
            try writeLines(of: id)
        }
    }

    /// The day of each order, in order: more as time passes, half as many again in November and December.
    private mutating func orderDays(count: Int, over days: Int) -> [Int] {
        var chosen: [Int] = []
        while chosen.count < count {
            let day = random.below(days)
            let season = (305..<366).contains(day) || day >= 671 ? 150 : 100
            let weight = season * (500 + day) / 800
            if random.below(300) < weight { chosen.append(day) }
        }
        return chosen.sorted()
    }

    private mutating func writeLines(of order: Int) throws {
        var products: [Int] = []
        for _ in 0..<random.within(1...4) {
            let product = random.pickEarly(Array(1...prices.count))
            if !products.contains(product) { products.append(product) }
        }
        for product in products {
            let cents = prices[product - 1]
            let quantity = cents > 20_000 ? 1 : random.within(1...12)
            let discount = random.chance(70) ? 0 : Double(random.within(1...5) * 5) / 100
            try database.insert(
                into: "order_lines",
                [.integer(order), .integer(product), money(cents), .integer(quantity), .real(discount)])
        }
    }

    private func money(_ cents: Int) -> Cell {
        .real(Double(cents) / 100)
    }
}
