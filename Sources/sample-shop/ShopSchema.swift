/// The tables of the shop. Foreign keys are declared and not enforced, as in many a real database.
let shopSchema = """
    CREATE TABLE countries (
        country_code TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        region TEXT NOT NULL
    );
    CREATE TABLE categories (
        category_id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        description TEXT
    );
    CREATE TABLE products (
        product_id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        category_id INTEGER REFERENCES categories (category_id),
        unit_price REAL NOT NULL,
        units_in_stock INTEGER,
        discontinued INTEGER NOT NULL DEFAULT 0
    );
    CREATE TABLE customers (
        customer_id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        email TEXT,
        city TEXT NOT NULL,
        country_code TEXT REFERENCES countries (country_code),
        since_date TEXT NOT NULL
    );
    CREATE TABLE employees (
        employee_id INTEGER PRIMARY KEY,
        first_name TEXT NOT NULL,
        last_name TEXT NOT NULL,
        title TEXT NOT NULL,
        hire_date TEXT NOT NULL,
        reports_to INTEGER REFERENCES employees (employee_id)
    );
    CREATE TABLE orders (
        order_id INTEGER PRIMARY KEY,
        customer_id INTEGER NOT NULL REFERENCES customers (customer_id),
        employee_id INTEGER REFERENCES employees (employee_id),
        order_date TEXT NOT NULL,
        shipped_date TEXT,
        freight REAL NOT NULL
    );
    CREATE TABLE order_lines (
        order_id INTEGER NOT NULL REFERENCES orders (order_id),
        product_id INTEGER NOT NULL REFERENCES products (product_id),
        unit_price REAL NOT NULL,
        quantity INTEGER NOT NULL,
        discount REAL NOT NULL DEFAULT 0,
        PRIMARY KEY (order_id, product_id)
    );
    CREATE INDEX orders_by_date ON orders (order_date);
    CREATE INDEX orders_by_customer ON orders (customer_id);
    """
