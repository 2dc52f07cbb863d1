-- Each statement is followed by what its columns come from, written by hand; "rows" is what decides which rows there are.
-- I identity, T transformation, A aggregation, C count, c conditional, w window, s sort, g group by, j join, f filter.
SELECT id, name FROM p.person
  id: person.id I
  name: person.name I
SELECT * FROM p.dept
  code: dept.code I
  title: dept.title I
  head: dept.head I
SELECT x.id AS key, upper(x.name) || '-' || x.dept AS label FROM p.person x
  key: person.id I
  label: person.name T, person.dept T
SELECT count(*) AS n FROM p.person
  n:
SELECT dept, count(*) AS n, sum(pay) AS total, count(DISTINCT id_no) AS people FROM p.person GROUP BY dept
  dept: person.dept I
  n:
  total: person.pay A
  people: person.id_no C
  rows: person.dept g
SELECT dept, avg(pay) / 100 AS mean FROM p.person WHERE born < DATE '2000-01-01' GROUP BY ALL HAVING count(id) > 0
  dept: person.dept I
  mean: person.pay A
  rows: person.born f, person.dept g, person.id f
SELECT p.name, d.title FROM p.person p JOIN p.dept d ON d.code = p.dept
  name: person.name I
  title: dept.title I
  rows: dept.code j, person.dept j
SELECT p.name, d.title FROM p.person p, p.dept d WHERE d.code = p.dept AND p.pay > 10
  name: person.name I
  title: dept.title I
  rows: dept.code f, person.dept f, person.pay f
SELECT name, v.cost FROM p.person LEFT JOIN p.visit v USING (id)
  name: person.name I
  cost: visit.cost I
  rows: person.id j, visit.id j
SELECT id, cost FROM p.person FULL JOIN p.visit USING (id)
  id: person.id T, visit.id T
  cost: visit.cost I
  rows: person.id j, visit.id j
SELECT id, name FROM p.person RIGHT JOIN p.visit USING (id)
  id: visit.id I
  name: person.name I
  rows: person.id j, visit.id j
SELECT * FROM p.visit NATURAL JOIN (SELECT id, name FROM p.person) q
  id: visit.id I
  kind: visit.kind I
  cost: visit.cost I
  day: visit.day I
  name: person.name I
  rows: person.id j, visit.id j
SELECT * FROM p.person SEMI JOIN p.visit USING (id)
  id: person.id I
  name: person.name I
  id_no: person.id_no I
  dept: person.dept I
  born: person.born I
  pay: person.pay I
  rows: person.id j, visit.id j
SELECT name FROM p.person p ANTI JOIN p.visit v ON v.id = p.id AND v.cost > 3
  name: person.name I
  rows: person.id j, visit.id j, visit.cost j
SELECT * EXCLUDE (id_no, born) FROM p.person
  id: person.id I
  name: person.name I
  dept: person.dept I
  pay: person.pay I
SELECT * REPLACE (left(id_no, 6) AS id_no) FROM p.person
  id: person.id I
  name: person.name I
  id_no: person.id_no T
  dept: person.dept I
  born: person.born I
  pay: person.pay I
SELECT * RENAME (code AS department) FROM p.dept
  department: dept.code I
  title: dept.title I
  head: dept.head I
SELECT d.*, p.pay FROM p.person p JOIN p.dept d ON d.head = p.id
  code: dept.code I
  title: dept.title I
  head: dept.head I
  pay: person.pay I
  rows: dept.head j, person.id j
SELECT COLUMNS('^id') FROM p.person
  id: person.id I
  id_no: person.id_no I
SELECT max(COLUMNS(* EXCLUDE (name, id_no, born))) FROM p.person
  id: person.id A
  dept: person.dept A
  pay: person.pay A
SELECT COLUMNS(['name', 'dept']) FROM p.person
  name: person.name I
  dept: person.dept I
SELECT * LIKE '%d' FROM p.visit
  id: visit.id I
  kind: visit.kind I
SELECT pay * 12 AS yearly, yearly / 365 AS daily, daily > 1 AS much FROM p.person
  yearly: person.pay T
  daily: person.pay T
  much: person.pay T
SELECT name AS dept, dept AS was FROM p.person
  dept: person.name I
  was: person.dept I
SELECT CASE WHEN dept = 'a' THEN '甲' WHEN pay > 5 THEN name ELSE '乙' END AS who FROM p.person
  who: person.name T, person.dept c, person.pay c
SELECT coalesce(name, dept) AS a, nullif(dept, 'x') AS b, pay BETWEEN 1 AND id AS c, born IS NULL AS d FROM p.person
  a: person.name T, person.dept T
  b: person.dept T
  c: person.pay T, person.id T
  d: person.born T
SELECT CAST(pay AS DOUBLE) AS x, born::VARCHAR AS y, try_cast(id_no AS INTEGER) AS z FROM p.person
  x: person.pay T
  y: person.born T
  z: person.id_no T
WITH rich AS (SELECT id, pay AS p FROM p.person WHERE pay > 3) SELECT id, p FROM rich
  id: person.id I
  p: person.pay I
  rows: person.pay f
WITH a AS (SELECT code, title FROM p.dept), b(c, t) AS (SELECT * FROM a), unread AS (SELECT cost FROM p.visit) SELECT t AS title FROM b
  title: dept.title I
WITH t AS (SELECT dept, sum(pay) AS total FROM p.person GROUP BY dept) SELECT d.title, t.total * 2 AS twice FROM t JOIN p.dept d ON d.code = t.dept
  title: dept.title I
  twice: person.pay A
  rows: dept.code j, person.dept j, person.dept g
WITH RECURSIVE up(id, level) AS (SELECT head, 1 FROM p.dept UNION ALL SELECT d.head, up.level + 1 FROM up JOIN p.dept d ON d.head = up.id AND up.level < 3) SELECT id, level FROM up
  id: dept.head I
  level:
  rows: dept.head j
WITH RECURSIVE sums(n, s) AS (SELECT 1, pay FROM p.person UNION ALL SELECT n + 1, s + cost FROM sums, p.visit WHERE n < 2) SELECT max(s) AS most FROM sums
  most: person.pay A, visit.cost A
WITH RECURSIVE seen(id) AS (SELECT id FROM p.visit UNION SELECT p.pay FROM seen s JOIN p.person p ON p.id = s.id) SELECT count(*) AS n FROM seen
  n:
  rows: visit.id g, visit.id j, person.id j, person.pay g, person.pay j
SELECT name FROM (SELECT name, pay FROM p.person ORDER BY pay LIMIT 3) t
  name: person.name I
  rows: person.pay s
SELECT (SELECT max(cost) FROM p.visit) AS dearest, id FROM p.person
  dearest: visit.cost A
  id: person.id I
SELECT name, (SELECT count(*) FROM p.visit v WHERE v.id = p.id) AS visits FROM p.person p
  name: person.name I
  visits: visit.id f, person.id f
SELECT name FROM p.person p WHERE EXISTS (SELECT 1 FROM p.visit v WHERE v.id = p.id AND v.kind = 'a')
  name: person.name I
  rows: visit.id f, visit.kind f, person.id f
SELECT name, EXISTS (SELECT 1 FROM p.visit v WHERE v.id = p.id) AS came FROM p.person p
  name: person.name I
  came: visit.id c, person.id c
SELECT name FROM p.person WHERE id IN (SELECT id FROM p.visit WHERE cost > 2)
  name: person.name I
  rows: person.id f, visit.id f, visit.cost f
SELECT name, pay > ALL (SELECT cost FROM p.visit) AS most FROM p.person
  name: person.name I
  most: person.pay T, visit.cost T
SELECT p.name, l.c FROM p.person p, LATERAL (SELECT sum(v.cost) + p.pay AS c FROM p.visit v WHERE v.id = p.id) l
  name: person.name I
  c: visit.cost A, person.pay T
  rows: visit.id f, person.id f
SELECT id FROM p.person UNION ALL SELECT head FROM p.dept
  id: person.id I, dept.head I
SELECT id FROM p.person UNION SELECT head FROM p.dept
  id: person.id I, dept.head I
  rows: person.id g, dept.head g
SELECT dept, pay FROM p.person EXCEPT SELECT code, head FROM p.dept
  dept: person.dept I
  pay: person.pay I
  rows: person.dept f, person.pay f, dept.code f, dept.head f
SELECT id FROM p.person INTERSECT SELECT id FROM p.visit
  id: person.id I
  rows: person.id f, visit.id f
SELECT id, name FROM p.person UNION ALL BY NAME SELECT cost, id FROM p.visit
  id: person.id I, visit.id I
  name: person.name I
  cost: visit.cost I
SELECT DISTINCT dept FROM p.person
  dept: person.dept I
  rows: person.dept g
SELECT DISTINCT ON (dept) dept, name FROM p.person ORDER BY dept, id
  dept: person.dept I
  name: person.name I
  rows: person.dept g, person.dept s, person.id s
SELECT name, row_number() OVER (PARTITION BY dept ORDER BY id) AS n FROM p.person
  name: person.name I
  n: person.dept w, person.id w
SELECT id, sum(cost) OVER (PARTITION BY kind ORDER BY day, id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS run FROM p.visit
  id: visit.id I
  run: visit.cost A, visit.kind w, visit.day w, visit.id w
SELECT id, lag(cost, 1) OVER w AS before FROM p.visit WINDOW w AS (PARTITION BY id ORDER BY day, cost)
  id: visit.id I
  before: visit.cost T, visit.id w, visit.day w, visit.cost w
SELECT name FROM p.person QUALIFY row_number() OVER (PARTITION BY dept ORDER BY id) = 1
  name: person.name I
  rows: person.dept f, person.id f
SELECT sum(pay) FILTER (WHERE dept = 'a') AS a_only, string_agg(name, ',' ORDER BY id) AS names FROM p.person
  a_only: person.pay A, person.dept c
  names: person.name A, person.id s
SELECT dept, kind, sum(cost) AS c FROM p.person JOIN p.visit USING (id) GROUP BY GROUPING SETS ((dept), (kind), ())
  dept: person.dept I
  kind: visit.kind I
  c: visit.cost A
  rows: person.id j, visit.id j, person.dept g, visit.kind g
SELECT dept AS d, count(*) AS n FROM p.person GROUP BY 1 ORDER BY n DESC, d LIMIT 2
  d: person.dept I
  n:
  rows: person.dept g, person.dept s
SELECT dept, pay FROM p.person ORDER BY ALL LIMIT 3
  dept: person.dept I
  pay: person.pay I
  rows: person.dept s, person.pay s
SELECT year(born) AS y, sum(pay) AS total FROM p.person GROUP BY y HAVING total > 3
  y: person.born T
  total: person.pay A
  rows: person.born g, person.pay f
SELECT unnest([id, pay]) AS each, name FROM p.person
  each: person.id T, person.pay T
  name: person.name I
  rows: person.id j, person.pay j
SELECT p.name, u.v FROM p.person p, unnest([p.dept, p.id_no]) AS u(v)
  name: person.name I
  v: person.dept T, person.id_no T
  rows: person.dept j, person.id_no j
SELECT name, r.i FROM p.person, range(3) r(i)
  name: person.name I
  i:
SELECT name, g FROM p.person p, generate_series(1, p.pay) s(g)
  name: person.name I
  g: person.pay T
  rows: person.pay j
SELECT v.code, v.words FROM (VALUES ('a', '甲'), ('b', '乙')) v(code, words)
  code:
  words:
SELECT p.name, v.words FROM p.person p JOIN (VALUES ('a', '甲'), ('b', '乙')) v(code, words) ON v.code = p.dept
  name: person.name I
  words:
  rows: person.dept j
SELECT s.a AS x, s['b'] AS y FROM (SELECT {'a': name, 'b': pay} AS s FROM p.person) t
  x: person.name T, person.pay T
  y: person.name T, person.pay T
SELECT p AS whole FROM p.dept p
  whole: dept.code T, dept.title T, dept.head T
SELECT list_transform([pay, id], lambda x: x + length(name)) AS l, [e * 2 FOR e IN [pay]] AS m FROM p.person
  l: person.pay T, person.id T, person.name T
  m: person.pay T
SELECT * FROM (PIVOT p.visit ON kind IN ('a', 'b') USING sum(cost) GROUP BY id)
  id: visit.id I
  a: visit.cost A, visit.kind c
  b: visit.cost A, visit.kind c
  rows: visit.id g
SELECT id, a_s + 1 AS a FROM (SELECT id, kind, cost FROM p.visit) PIVOT (sum(cost) AS s, count(*) AS n FOR kind IN ('a', 'b'))
  id: visit.id I
  a: visit.cost A, visit.kind c
  rows: visit.id g
SELECT * FROM (SELECT id, pay, head FROM p.person, p.dept) UNPIVOT (amount FOR what IN (pay, head))
  id: person.id I
  what:
  amount: person.pay T, dept.head T
  rows: person.pay f, dept.head f
SELECT s.x FROM (SELECT max(pay) + 1, min(pay) AS x FROM p.person) s
  x: person.pay A
SELECT "count_star()" AS n, "max(pay)" AS most FROM (SELECT count(*), max(pay) FROM p.person WHERE id > 1) s
  n: person.pay A
  most: person.pay A
  rows: person.id f
SELECT current_date AS today, 7 AS week, name FROM p.person WHERE born < current_date
  today:
  week:
  name: person.name I
  rows: person.born f
SELECT p.dept, q.dept AS other FROM p.person p JOIN p.person q ON p.id = q.pay
  dept: person.dept I
  other: person.dept I
  rows: person.id j, person.pay j
SELECT md5(id_no) AS pseudonym, 'x' AS tag FROM p.person
  pseudonym: person.id_no T
  tag:
SELECT v.kind, p.name FROM p.visit v ASOF JOIN p.person p ON v.id = p.id AND v.cost >= p.pay
  kind: visit.kind I
  name: person.name I
  rows: visit.id j, person.id j, visit.cost j, person.pay j
FROM p.dept SELECT title, head + 1 AS next WHERE code <> 'b'
  title: dept.title I
  next: dept.head T
  rows: dept.code f
SELECT title FROM p.dept d WHERE head = (SELECT min(id) FROM p.person WHERE dept = d.code)
  title: dept.title I
  rows: dept.head f, person.id f, person.dept f, dept.code f
SELECT max(pay) - min(pay) AS spread, max(name) FILTER (WHERE pay > 3) AS last FROM p.person
  spread: person.pay A
  last: person.name A, person.pay c
