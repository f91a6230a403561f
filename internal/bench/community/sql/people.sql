-- Everybody who is ever there. One in five is a visitor without an account; one
-- in 125 has another role than member, and one in ten rises some day.
-- seed
-- persons, founders    how many there are, and how many of them before the first day
-- days                 length of the history
INSERT INTO bench.people
WITH
    ['desktop', 'desktop', 'desktop', 'mobile', 'mobile', 'mobile', 'mobile', 'tablet'] AS devices,
    ['US', 'US', 'US', 'RW', 'RW', 'IN', 'IN', 'GB', 'DE', 'FR', 'BR', 'NG', 'KE', 'CA', 'JP', 'NP', 'AU', 'ES', 'PL', ''] AS countries,
    cityHash64({seed:UInt64}, 1, number) AS dice,
    devices[1 + bitShiftRight(dice, 8) % 8] AS device,
    bitShiftRight(dice, 16) % 100 AS taste,
    multiIf(device = 'desktop', multiIf(taste < 62, 'Chrome', taste < 76, 'Edge', taste < 88, 'Firefox', 'Safari'),
            device = 'mobile', multiIf(taste < 52, 'Chrome', taste < 90, 'Safari', 'Samsung Browser'),
            if(taste < 60, 'Safari', 'Chrome')) AS browser,
    multiIf(browser = 'Safari', if(device = 'desktop', 'macOS', 'iOS'), device != 'desktop', 'Android',
            browser = 'Firefox', 'Linux', 'Windows') AS os
SELECT number AS no,
       if(number < {founders:UInt64}, -1, toInt32(intDiv((number - {founders:UInt64}) * {days:UInt64}, {persons:UInt64} - {founders:UInt64}))) AS joined,
       if(dice % 5 = 0, '', concat('user-', toString(number))) AS user_id,
       if(dice % 5 IN (0, 1, 2), lower(hex(cityHash64({seed:UInt64}, 2, number))), '') AS anonymous_id,
       greatest(1, if(user_id = '', xxHash64(concat('a:', anonymous_id)), xxHash64(concat('u:', user_id)))) AS person,
       multiIf(user_id = '' OR bitShiftRight(dice, 24) % 1000 >= 8, 0, bitShiftRight(dice, 24) % 1000 >= 3, 1, bitShiftRight(dice, 24) % 1000 >= 1, 2, 3) AS rank,
       if(user_id != '' AND bitShiftRight(dice, 34) % 10 = 0, joined + 14 + toInt32(bitShiftRight(dice, 38) % 200), 100000) AS rises,
       device, browser, os,
       countries[1 + toUInt64(20 * pow(bitShiftRight(dice, 44) / 1048576, 2))] AS country
FROM numbers({persons:UInt64})
