package org.qiantang.catalog;

import java.util.Set;
import java.util.stream.Collectors;

/** The common Chinese surnames, and which short words that begin with one are no names. */
final class Surnames {
    private static final Set<Integer> SINGLE = ("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭"
                    + "廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐沿梅莫庄辛管祝左"
                    + "涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫来嵺苟全褚廉简娄盖"
                    + "符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭窦迟宇敖糜鄢冷卓花仇艾蓝都巩稽井练仲乐虞卞封竺冼原官衣楚佟栗匡宗应台巫鞠僧桑荆谌银扬明沙薄伏岑习胥保和蔺水云昌凤酆皮"
                    + "卡荣支咎管经裘缪干宣贲滑裴荀羊於惠家芮储汲邴松富焦巴弓牧隗山侯宓蓬郗班仰秋仲伊宁仇祖武刘景詹束龙幸韶郜黎蓟溥印宿怀蒲邰从鄂索咸籍卓蔺屠蒙池乔阴鬱胥能苍双闻莘翟谭贡劳逄"
                    + "姬申扶堵冉宰郦雍郤璩桑桂濮寿通扈冀郏浦尚农别晏柴瞿充慕茹宦艾鱼容古慎戈庾终暨居衡步耿满弘国寇广禄阙东殳沃利蔚越夔隆师厍晁勾敖融訾辛阚那空毋沙乜养须丰巢蒯相后红游竺权逯益桓公"
                    + "肖闫付代邝麦候仝苻")
            .codePoints()
            .boxed()
            .collect(Collectors.toUnmodifiableSet());

    private static final Set<String> DOUBLE = Set.of(
            "欧阳", "太史", "端木", "上官", "司马", "东方", "独孤", "南宫", "万俟", "闻人", "夏侯", "诸葛", "尉迟", "公羊", "赫连", "澹台", "皇甫", "宗政",
            "濮阳", "公冶", "太叔", "申屠", "公孙", "慕容", "仲孙", "钟离", "长孙", "宇文", "司徒", "鲜于", "司空", "令狐", "百里", "呼延", "东郭", "南门",
            "西门", "轩辕", "拓跋", "纳兰");

    /** With these a place, a unit, an illness or a measure ends far more often than a given name. */
    private static final String NOT_AT_THE_END = "区县市省镇乡村路街站局院所科室部厂店病症炎癌率费额税类型级期量号码色币元式度值数法品物业型库馆场楼";

    private static final Set<String> NOT_NAMES = Set.of(
            "周一", "周二", "周三", "周四", "周五", "周六", "周日", "周末", "高血压", "白血病", "安全", "方案", "成功", "完成", "成立", "全部", "通过",
            "和平", "常规", "常见", "严重", "计划", "从业", "包括", "解决", "关闭", "保密", "保存", "连接", "时间", "原因", "相关", "管理", "管理员", "强制",
            "应急", "支付", "农业", "公开", "公安", "国家", "国有", "东北", "东南", "水利", "水务", "云计算", "山东", "山西", "江苏", "江西", "广东", "广西",
            "安徽", "甘肃", "海南", "云南", "宁夏", "贵州", "满族", "汉族", "白族", "黎族", "居民", "利民", "师范", "双休", "能源", "别墅", "充电", "终止",
            "满意", "通知", "容积", "经理", "经营", "宣传", "干部", "幸福", "广播", "红旗", "文化", "文艺", "花卉", "游泳", "金融", "米饭", "符合", "查询",
            "单位", "车辆", "房屋", "房产", "卫生", "卫健", "明确", "冷藏", "全日制", "全科", "解除");

    private Surnames() {}

    /** Whether two to four Chinese characters read like somebody's name. */
    static boolean looksLikeName(String word) {
        int[] points = word.codePoints().toArray();
        if (points.length < 2 || NOT_NAMES.contains(word) || NOT_AT_THE_END.indexOf(points[points.length - 1]) >= 0) {
            return false;
        }
        String firstTwo = new String(points, 0, 2);
        if (DOUBLE.contains(firstTwo)) {
            return points.length >= 3;
        }
        return SINGLE.contains(points[0]) && points.length <= 3
                || SINGLE.contains(points[0]) && SINGLE.contains(points[1]) && points.length == 4;
    }
}
