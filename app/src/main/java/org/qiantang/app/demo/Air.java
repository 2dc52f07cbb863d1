package org.qiantang.app.demo;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The city's air, hour by hour: seasons, days and hours of the day, and one episode of fine dust that a north-easterly wind carries over
 * the stations, so that a warning can be judged by when it saw what coming.
 */
final class Air {
    static final int PM25 = 0;
    static final int PM10 = 1;
    static final int SO2 = 2;
    static final int NO2 = 3;
    static final int CO_TENTHS = 4;
    static final int O3 = 5;
    static final int WIND_DIRECTION = 6;
    static final int WIND_SPEED_TENTHS = 7;
    static final int VALUES = 8;
    /** No value was measured. */
    static final int ABSENT = Integer.MIN_VALUE;

    /** Where the wind of the episode comes from, degrees. */
    static final int EPISODE_WIND_DEGREES = 35;

    static final int EPISODE_SPEED_KM_PER_HOUR = 14;
    /** Hours at a station from the beginning to the peak, and to the end. */
    private static final int EPISODE_RISE = 9;

    private static final int EPISODE_LENGTH = 22;

    private static final long AIR = Dice.stream("air");
    private static final long DAY = Dice.stream("air day");
    private static final int MOST_HOURS = 17_520;

    /** A station of the state's or the city's network. */
    record Station(
            int index,
            String code,
            String name,
            CityFolder.District district,
            double longitude,
            double latitude,
            double downwindKm) {}

    private final City city;
    private final List<Station> stations = new ArrayList<>();
    private final int hours;
    private final long firstHour;
    private final long episodeBegin;
    private final Map<Long, Integer> faults = new HashMap<>();
    private final Map<Long, Integer> unitErrors = new HashMap<>();

    Air(City city) {
        this.city = city;
        int count = (int) city.count(26, 26);
        double east = Math.sin(Math.toRadians(EPISODE_WIND_DEGREES + 180));
        double north = Math.cos(Math.toRadians(EPISODE_WIND_DEGREES + 180));
        double[] along = new double[count];
        double least = Double.MAX_VALUE;
        double[][] at = new double[count][2];
        for (int s = 0; s < count; s++) {
            Dice dice = city.dice("air station", s);
            CityFolder.District d = city.places().district(s);
            at[s][0] = Math.round((d.longitude() + dice.bell() * 0.05) * 1e4) / 1e4;
            at[s][1] = Math.round((d.latitude() + dice.bell() * 0.04) * 1e4) / 1e4;
            along[s] = at[s][0] * 96.3 * east + at[s][1] * 111.2 * north;
            least = Math.min(least, along[s]);
        }
        int districts = city.places().districts().size();
        String[] names = {"市站", "实验学校", "水厂", "公园", "工业区"};
        for (int s = 0; s < count; s++) {
            CityFolder.District d = city.places().district(s);
            stations.add(new Station(
                    s,
                    city.folder().code() + "A" + Days.padded(s + 1, 3),
                    d.name()
                            + names[s / districts % names.length]
                            + (s < names.length * districts ? "" : s / (names.length * districts)),
                    d,
                    at[s][0],
                    at[s][1],
                    Math.round((along[s] - least) * 10) / 10.0));
        }
        hours = (int) Math.clamp(Math.round(MOST_HOURS * city.scale() / 24) * 24, 336, MOST_HOURS);
        firstHour = (Days.TODAY + 1) * 24 - hours;
        episodeBegin = Days.of(2026, 10, 24) * 24;
        scatter(faults, "air fault");
        scatter(unitErrors, "air unit");
    }

    private void scatter(Map<Long, Integer> into, String stream) {
        for (int o = 0; o < city.plantedEach(); o++) {
            Dice dice = city.dice(stream, o);
            long hour = firstHour + dice.below(hours - 200);
            into.putIfAbsent(hour * 10_000 + dice.below(26), o);
        }
    }

    List<Station> stations() {
        return stations;
    }

    int hours() {
        return hours;
    }

    /** Hours since 1970-01-01 00:00 on the city's wall. */
    long firstHour() {
        return firstHour;
    }

    @Nullable
    Integer fault(long hour, int station) {
        return faults.get(hour * 10_000 + station);
    }

    @Nullable
    Integer unitError(long hour, int station) {
        return unitErrors.get(hour * 10_000 + station);
    }

    /** The hour the episode reaches a station. */
    long episodeStart(Station station) {
        return episodeBegin + Math.round(station.downwindKm() / EPISODE_SPEED_KM_PER_HOUR);
    }

    long episodePeak(Station station) {
        return episodeStart(station) + EPISODE_RISE;
    }

    /** The first hour without the episode's dust. */
    long episodeEnd(Station station) {
        return episodeStart(station) + EPISODE_LENGTH;
    }

    private double episode(Station station, long hour) {
        long since = hour - episodeStart(station);
        if (since <= 0 || since >= EPISODE_LENGTH) {
            return 0;
        }
        double shape = since <= EPISODE_RISE
                ? (double) since / EPISODE_RISE
                : (double) (EPISODE_LENGTH - since) / (EPISODE_LENGTH - EPISODE_RISE);
        return shape * (95 + 70 * Math.exp(-station.downwindKm() / 90));
    }

    /** What all stations share in an hour. */
    double[] shared(long hour) {
        long day = Math.floorDiv(hour, 24);
        int clock = (int) Math.floorMod(hour, 24L);
        double season = Math.cos(2 * Math.PI * (day - Days.of(2026, 1, 15)) / 365.25);
        Dice today = city.dice(DAY, day);
        Dice tomorrow = city.dice(DAY, day + 1);
        double part = clock / 24.0;
        double weather = today.bell() * (1 - part) + tomorrow.bell() * part;
        double wind = today.unit() * 360 * (1 - part) + tomorrow.unit() * 360 * part;
        double sun = Math.max(0, Math.sin(Math.PI * (clock - 6) / 13.0));
        double traffic = Math.exp(-Math.pow((clock - 8) / 2.0, 2)) + Math.exp(-Math.pow((clock - 18.5) / 2.5, 2));
        boolean episode = hour >= episodeBegin - 6 && hour < episodeBegin + 48;
        return new double[] {season, weather, episode ? EPISODE_WIND_DEGREES : wind, sun, traffic, episode ? 1 : 0};
    }

    /** One station's values in an hour. */
    void measure(Station station, long hour, double[] shared, int[] values) {
        Dice dice = city.dice(AIR, hour * 4_096 + station.index());
        double season = shared[0];
        double weather = shared[1];
        double sun = shared[3];
        double traffic = shared[4];
        double own = (station.index() * 7 % 13 - 6) * 0.8 - station.downwindKm() * 0.03;
        double calm = Math.clamp(28 + 13 * season + 10 * weather + own + 3 * traffic + dice.bell() * 3, 3, 85);
        double dust = episode(station, hour);
        double pm25 = calm + dust;
        values[PM25] = (int) Math.round(pm25);
        values[PM10] = (int) Math.round(pm25 * 1.25 + 14 + dice.bell() * 5 + (1 - season) * 3);
        values[SO2] = Math.max(2, (int) Math.round(6 + 2 * season + weather + dice.bell()));
        values[NO2] = Math.max(3, (int) Math.round(24 + 9 * season + 5 * weather + 14 * traffic + dice.bell() * 3));
        values[CO_TENTHS] = Math.max(
                2, (int) Math.round(6 + 1.5 * season + weather + traffic * 1.5 + dust / 40 + dice.bell() * 0.6));
        values[O3] = Math.max(4, (int)
                Math.round(42 - 18 * season + (95 - 50 * season) * sun - 10 * traffic + dice.bell() * 7 - dust / 6));
        values[WIND_DIRECTION] = Math.floorMod((int) Math.round(shared[2] + dice.bell() * 15), 360);
        values[WIND_SPEED_TENTHS] = shared[5] == 1
                ? EPISODE_SPEED_KM_PER_HOUR * 10 * 10 / 36 + (int) Math.round(dice.bell() * 3)
                : Math.max(1, (int) Math.round(22 + 8 * weather + dice.bell() * 6));
        if (dust == 0 && dice.perMille(4)) {
            values[dice.below(6)] = ABSENT;
        }
    }
}
