/// What the shop sells, to whom, and who works there. All invented.
enum ShopNames {
    static let countries = [
        ("DE", "Germany", "Europe", ["Köln", "München", "Düsseldorf", "Berlin"]),
        ("FR", "France", "Europe", ["Besançon", "Orléans", "Nîmes", "Lyon"]),
        ("GB", "United Kingdom", "Europe", ["Leeds", "Cardiff", "Edinburgh"]),
        ("ES", "Spain", "Europe", ["Málaga", "Córdoba", "León"]),
        ("SE", "Sweden", "Europe", ["Malmö", "Göteborg", "Örebro"]),
        ("PL", "Poland", "Europe", ["Kraków", "Łódź", "Gdańsk"]),
        ("US", "United States", "North America", ["Portland", "Austin", "Boston", "Tucson"]),
        ("CA", "Canada", "North America", ["Montréal", "Trois-Rivières", "Halifax"]),
        ("MX", "Mexico", "North America", ["Mérida", "Querétaro"]),
        ("BR", "Brazil", "South America", ["São Paulo", "Florianópolis"]),
        ("JP", "Japan", "Asia", ["Sendai", "Kōbe"]),
        ("NZ", "New Zealand", "Oceania", ["Whāngārei", "Nelson"]),
    ]

    /// Category, what it holds, then each product with its price in cents.
    static let categories: [(String, String?, [(String, Int)])] = [
        (
            "Coffee", "Beans and ground coffee",
            [
                ("Café Oaxaca 1 kg", 2490), ("Yirgacheffe 500 g", 1650), ("Espresso Napoli 1 kg", 2190),
                ("Décaf Montaña 500 g", 1590), ("Filter Roast 250 g", 790),
            ]
        ),
        (
            "Tea", "Loose leaf and bags",
            [
                ("Earl Grey 250 g", 1190), ("Sencha 100 g", 1490), ("Rooibos 250 g", 890), ("Gyokuro 50 g", 2990),
            ]
        ),
        (
            "Sweets", "Chocolate, biscuits and jam",
            [
                ("Chocolat Noir 70 %", 450), ("Gräddkakor", 520), ("Crème de Marrons", 690), ("Pain d'épices", 840),
                ("Dulce de Leche", 560), ("Mazurek", 1120),
            ]
        ),
        (
            "Equipment", "Grinders, kettles, brewers",
            [
                ("Hand Grinder", 8900), ("Gooseneck Kettle", 6450), ("Moka Pot 6 cups", 3990), ("Scale 0.1 g", 4500),
                ("Espresso Machine Aurora", 74900), ("Pour-over Set", 3250),
            ]
        ),
        (
            "Tableware", "Cups, bowls, jugs",
            [
                ("Tasse Émaillée", 1490), ("Stoneware Bowl", 1890), ("Glass Jug 1 l", 2350), ("Teapot Nagoya", 5490),
            ]
        ),
        ("Gifts", nil, [("Gift Box Small", 2900), ("Gift Box Large", 5900), ("Tasting Set", 3600)]),
    ]

    static let firstNames = [
        "Zoë", "André", "Łucja", "Søren", "Inés", "Małgorzata", "Jürgen", "Chloé", "Noah", "Aiko", "João", "Françoise",
        "Márta", "Liam", "Björn", "Siân", "Renée", "Tomás", "Hana", "Emil",
    ]

    static let lastNames = [
        "Müller", "Lefèvre", "Nowak", "García", "Åkesson", "O'Neill", "Tremblay", "Sato", "Conceição", "Kowalczyk",
        "Groß", "Núñez", "Hughes", "Bélanger", "Strand", "Walker", "Żak", "Ibáñez", "Rangi", "Da Silva",
    ]

    static let houses = [
        "Café", "Bistro", "Hotel", "Delicatessen", "Kontor", "Maison", "Tienda", "Kantine", "Bakery", "Studio",
    ]

    static let employees = [
        ("Ingrid", "Sjöberg", "Head of Sales", "2016-03-01"), ("Mateo", "Ruíz", "Sales Representative", "2018-09-17"),
        ("Aoife", "Byrne", "Sales Representative", "2019-02-04"),
        ("Kenji", "Mori", "Sales Representative", "2021-06-14"),
        ("Clémence", "Faure", "Inside Sales", "2022-01-10"), ("Paweł", "Zieliński", "Inside Sales", "2023-05-02"),
        ("Ruth", "Okafor", "Customer Service", "2023-11-20"),
    ]
}
