package ingest

import (
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/transfer"
)

// Fields that results, needs and services share. A record without a level is
// kept internal: a mistake hides rather than shows.
var (
	transferKey   = field("key", "编号", "Key", "example-1", "序号", "key", "id", "no")
	titleZH       = field("title_zh", nameZH, "Title in Chinese", "高韧性立方氮化硼单晶的制备", "成果名称", "需求名称", "服务名称", "设备名称", "仪器名称", "题名", "标题", "中文名称", "项目名称", "榜单名称", "title", "title zh", "name", "name zh")
	titleEN       = field("title_en", "英文名称", "Title in English", "", "英文名", "english title", "title en", "name en")
	summaryZH     = field("summary_zh", "简介", "Summary in Chinese", "", "成果简介", "摘要", "内容简介", "技术简介", "概述", "summary", "summary zh", "abstract")
	summaryEN     = field("summary_en", "英文简介", "Summary in English", "", "英文摘要", "summary en", "abstract en")
	ipcField      = field("ipc", "国际专利分类号", "IPC", "C30B 29/38", "ipc", "专利分类号", "ipc code", "ipc codes")
	ipcEdition    = field("ipc_edition", "国际专利分类版本", "Edition of the IPC", "2024.01", "ipc edition")
	industryField = field("industry", "行业代码", "Industry", "C3099", "国民经济行业", "国民经济行业代码", "行业", "gb/t 4754", "industry code")
	keywordsField = field("keywords", "关键词", "Keywords", "立方氮化硼|单晶", "主题词", "技术领域关键词", "keyword")
	levelField    = field("level", "公开范围", "Level", "public", "公开级别", "密级", "保密级别", "confidentiality", "visibility")
	statusField   = field("status", "状态", "Status", "listed", "发布状态")
	listedOn      = field("listed_on", "上架日期", "Listed on", "", "发布日期", "发布时间", "published on", "listed")
	expiresOn     = field("expires_on", "有效期至", "Listed until", "", "有效期", "截止有效期", "expires", "expires on", "valid until")
)

// transferTargets are the tables of results, needs and services.
var transferTargets = []Target{
	{Name: "result", Label: i18n.Text{ZH: "成果", EN: "Result"}, build: buildResult, oneOf: []string{"title_zh", "title_en"}, Fields: []Field{
		transferKey, titleZH, titleEN, summaryZH, summaryEN,
		field("type", "成果类型", "Type of result", "material", "类型", "成果形式", "type", "kind"),
		field("owner", "持有单位", "Owner", "中山大学", "成果单位", "完成单位", "所有权人", "专利权人", "单位", "权属单位", "owner name", "assignee", "organisation", "organization", "institution"),
		field("team", "团队", "Team", "张示例", "研发团队", "完成人", "成果完成人", "负责人", "inventors", "members"),
		divisionField, ipcField, ipcEdition, industryField, keywordsField,
		field("stage", "所处阶段", "Stage", "middle", "成果阶段", "阶段", "development stage"),
		field("forms", "转化方式", "Forms of transfer", "licence|equity", "合作方式", "转让方式", "意向合作方式", "form", "cooperation"),
		field("trl", "技术成熟度", "Readiness level", "5", "成熟度", "成熟度等级", "trl", "technology readiness level"),
		field("trl_scale", "成熟度量表", "Readiness scale", "gbt22900", "成熟度标准", "trl scale"),
		field("trl_edition", "量表版本", "Edition of the scale", "2009", "标准版本", "trl edition"),
		field("trl_on", "成熟度评定日期", "Day of the assessment", "2025-03", "评定日期", "评价日期", "trl date", "assessed on"),
		field("trl_assessor", "成熟度评定者", "Assessor", "self", "评定机构", "评价机构", "assessed by"),
		field("trl_evidence", "成熟度依据", "Evidence of the level", "中试报告第3页", "评定依据", "trl evidence"),
		field("right_kind", "知识产权类型", "Kind of right", "invention", "专利类型", "ip kind", "patent kind"),
		field("right_number", "知识产权编号", "Number of the right", "201710601862.3", "专利号", "申请号", "登记号", "ip number", "patent number"),
		field("right_status", "知识产权状态", "Status of the right", "granted", "专利状态", "法律状态", "ip status", "patent status", "legal status"),
		field("price_min", "价格下限", "Lower price", "500000", "最低价格", "price from", "minimum price"),
		field("price_max", "价格上限", "Upper price", "80万元", "价格", "报价", "最高价格", "意向价格", "price", "price to", "maximum price"),
		field("negotiable", "可议价", "Negotiable", "是", "面议", "price negotiable"),
		levelField, statusField, listedOn, expiresOn, sourceField, evidenceField, noteZH, noteEN,
	}},
	{Name: "need", Label: i18n.Text{ZH: "需求", EN: "Need"}, build: buildNeed, oneOf: []string{"title_zh", "title_en"}, Fields: []Field{
		transferKey, titleZH, titleEN,
		must(field("text", "需求正文", "Text", "寻求单晶韧性提高三成的工艺", "需求内容", "需求描述", "正文", "技术需求", "内容", "需求详情", "description", "content")),
		summaryZH, summaryEN,
		field("kind", "需求类型", "Kind", "technical", "类型", "类别", "type"),
		field("owner", "需求单位", "Owner", "广州木棉示例科技有限公司", "发榜单位", "提出单位", "企业名称", "单位", "企业", "company", "organisation", "organization", "enterprise"),
		divisionField, ipcField, ipcEdition, industryField, keywordsField,
		field("trl_min", "最低技术成熟度", "Lowest readiness level", "6", "成熟度要求", "最低成熟度", "minimum trl"),
		field("trl_scale", "成熟度量表", "Readiness scale", "gbt22900", "成熟度标准", "trl scale"),
		field("regions", "地区限制", "Regions", "440000", "合作地区", "地区", "region"),
		field("budget_min", "预算下限", "Lower budget", "500000", "最低预算", "budget from", "minimum budget"),
		field("budget_max", "预算上限", "Upper budget", "100万元", "预算", "资金预算", "拟投入资金", "投入预算", "budget", "budget to", "maximum budget"),
		field("rights", "知识产权要求", "Status of rights wanted", "granted", "专利要求", "ip status"),
		field("forms", "合作方式", "Forms of transfer", "licence|joint_development", "意向合作方式", "转化方式", "form", "cooperation"),
		field("deliver_by", "交付日期", "Delivery by", "2099-12-31", "完成期限", "交付期限", "delivery"),
		field("prize", "榜金", "Prize", "", "揭榜金额", "榜单金额", "奖金", "reward"),
		field("deadline", "截止日期", "Deadline", "2099-06-30", "揭榜截止日期", "征集截止", "截止时间", "answers until"),
		levelField, statusField, listedOn, expiresOn, sourceField, evidenceField, noteZH, noteEN,
	}},
	{Name: "service", Label: i18n.Text{ZH: "服务与设备", EN: "Service or equipment"}, build: buildService, oneOf: []string{"title_zh", "title_en"}, Fields: []Field{
		transferKey, titleZH, titleEN,
		field("kind", "服务类型", "Kind", "equipment", "类型", "类别", "type"),
		field("platform", "平台", "Platform", "", "所属平台", "实验室", "依托平台", "laboratory"),
		field("owner", "所属单位", "Owner", "中山大学", "持有单位", "单位", "依托单位", "organisation", "organization", "institution"),
		field("text", "服务内容", "Text", "透射电镜制样与成像", "内容", "技术指标", "功能", "描述", "description", "specification"),
		summaryZH, summaryEN,
		field("price_text", "收费", "Price", "200元/小时", "收费标准", "价格", "fee", "rate"),
		field("contact", "联系部门", "Contact", "测试中心", "联系方式", "联系单位", "contact office"),
		divisionField, ipcField, ipcEdition, industryField, keywordsField,
		levelField, statusField, listedOn, expiresOn, sourceField, evidenceField, noteZH, noteEN,
	}},
}

// Words under which a table states what the codes say. The codes themselves
// are understood too.
var (
	resultTypeWords = map[string]transfer.ResultType{"工艺": transfer.Process, "装置": transfer.Device, "设备": transfer.Device, "产品": transfer.Device, "材料": transfer.Material,
		"软件": transfer.Software, "品种": transfer.Variety, "方法": transfer.Method, "设计": transfer.Design, "其他": transfer.OtherType, "其它": transfer.OtherType}
	stageWords = map[string]transfer.Stage{"初期": transfer.Early, "初期阶段": transfer.Early, "实验室阶段": transfer.Early, "中期": transfer.Middle, "中期阶段": transfer.Middle, "中试": transfer.Middle,
		"成熟应用": transfer.Mature, "成熟应用阶段": transfer.Mature, "成熟": transfer.Mature, "产业化": transfer.Mature}
	formWords = map[string]transfer.Form{"转让": transfer.Transfer, "技术转让": transfer.Transfer, "许可": transfer.Licence, "技术许可": transfer.Licence, "专利许可": transfer.Licence, "作价入股": transfer.Equity,
		"作价投资": transfer.Equity, "技术入股": transfer.Equity, "入股": transfer.Equity, "合作开发": transfer.JointDevelopment, "联合开发": transfer.JointDevelopment, "合作": transfer.JointDevelopment,
		"技术服务": transfer.ByService, "服务": transfer.ByService, "中试": transfer.Pilot, "中试合作": transfer.Pilot, "license": transfer.Licence}
	rightKindWords = map[string]transfer.RightKind{"发明": transfer.Invention, "发明专利": transfer.Invention, "实用新型": transfer.Utility, "实用新型专利": transfer.Utility, "外观设计": transfer.DesignRight,
		"外观设计专利": transfer.DesignRight, "软件著作权": transfer.Copyright, "软著": transfer.Copyright, "计算机软件著作权": transfer.Copyright, "植物新品种": transfer.NewVariety, "植物新品种权": transfer.NewVariety,
		"集成电路布图设计": transfer.Layout, "布图设计": transfer.Layout, "技术秘密": transfer.KnowHow, "专有技术": transfer.KnowHow}
	rightStatusWords = map[string]transfer.RightStatus{"申请": transfer.Applied, "申请中": transfer.Applied, "受理": transfer.Applied, "公开": transfer.Applied, "实审": transfer.Applied,
		"授权": transfer.Granted, "已授权": transfer.Granted, "有效": transfer.Granted, "已登记": transfer.Granted, "失效": transfer.RightExpired, "过期": transfer.RightExpired, "终止": transfer.RightExpired}
	needKindWords = map[string]transfer.NeedKind{"技术": transfer.Technical, "技术需求": transfer.Technical, "技术难题": transfer.Technical, "揭榜挂帅": transfer.OpenChallenge, "榜单": transfer.OpenChallenge,
		"设备": transfer.Equipment, "仪器设备": transfer.Equipment, "专家": transfer.Expert, "人才": transfer.Expert, "其他": transfer.OtherNeed, "其它": transfer.OtherNeed}
	offeringWords = map[string]transfer.OfferingKind{"服务": transfer.ServiceOffered, "技术服务": transfer.ServiceOffered, "检测": transfer.ServiceOffered, "检验检测": transfer.ServiceOffered,
		"设备": transfer.EquipmentOffered, "仪器": transfer.EquipmentOffered, "仪器设备": transfer.EquipmentOffered}
	scaleWords = map[string]transfer.Scale{"gb/t22900": transfer.GBT22900, "gjb7688": transfer.GJB7688, "iso16290": transfer.ISO16290, "npr7123": transfer.NASA, "horizon2020": transfer.Horizon, "其他": transfer.OtherTRL}
)
